import { join } from 'node:path';
import { test } from 'tap';
import { strayVariables } from '../../dist/cli/environment.js';
import { OPTIONS } from '../../dist/config.js';
import { ServerProcess } from '../server-process.js';

test('the log warns of a variable with a letter missing, names the one that is meant, and keeps its value to itself', async (t) => {
  const env = { INCREMENTER_DURABILTY: 'dsik', INCREMENTER_SYNC_INTERVAL: '1h' };
  const server = await ServerProcess.serving(t, join(t.testdir({}), 'numbers.db'), [], env);
  const warnings = server.log().filter(({ level }) => level === 40);
  t.same(
    warnings.map(({ msg }) => msg),
    ['no option has the variable INCREMENTER_DURABILTY (Did you mean "INCREMENTER_DURABILITY"?)'],
  );
  t.notOk(server.stderr.includes('dsik'));
});

test('no warning comes of what an option has, of the config file, of others, and of what Kubernetes gives', async (t) => {
  const known = Object.values(OPTIONS).map(({ variable }): string => variable);
  const links = ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT_80_TCP', 'PORT_80_TCP_ADDR'].map(
    (name) => `INCREMENTER_${name}`,
  );
  const names = [...known, 'INCREMENTER_CONFIG', ...links, 'HOME', 'MY_INCREMENTER_PORT', 'INCREMENTERS'];
  t.same(strayVariables(Object.fromEntries(names.map((name) => [name, 'x']))), []);
});

test('a name that is near to none is told without a suggestion', async (t) => {
  t.same(
    strayVariables({ INCREMENTER_: '', INCREMENTER_FAVOURITE_COLOUR: 'red', INCREMENTER_TTL: '1h', INCREMENTER_SERVICE: 'all' }),
    [
      'no option has the variable INCREMENTER_',
      'no option has the variable INCREMENTER_FAVOURITE_COLOUR',
      'no option has the variable INCREMENTER_TTL',
      'no option has the variable INCREMENTER_SERVICE (Did you mean "INCREMENTER_SERVICES"?)',
    ],
  );
});
