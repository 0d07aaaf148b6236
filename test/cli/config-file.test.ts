import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { ServerProcess } from '../server-process.js';
import { command, countedFile, fails } from './command.js';

const WRONG_USAGE = 2;

function configFile(t: Test, content: unknown): { file: string; db: string } {
  const directory = t.testdir({});
  const file = join(directory, 'config.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { file, db: join(directory, 'numbers.db') };
}

/** Counts two keys, on disk: what each of the replies was. */
async function counted(server: ServerProcess): Promise<unknown[]> {
  const replies = [await server.increment('a'), await server.increment('b')];
  return replies.map(({ status, body }) => (status === 200 ? 'durable' in body : body.code));
}

test('a config file gives options, with their values as strings or numbers', async (t) => {
  const { file, db } = configFile(t, { 'max-counters': 1, durability: 'disk', 'sync-interval': '1h', port: 0 });
  const server = await ServerProcess.serving(t, db, ['--config', file]);
  t.same(await counted(server), [true, 'registry-full']);
});

test('the environment goes before a config file, and the command line before both', async (t) => {
  const { file, db } = configFile(t, { 'max-counters': 1, durability: 'disk' });
  const env = { INCREMENTER_CONFIG: file, INCREMENTER_MAX_COUNTERS: '2', INCREMENTER_DURABILITY: 'disk' };
  const server = await ServerProcess.serving(t, db, ['--durability', 'memory'], env);
  t.same(await counted(server), [false, false]);
});

test('every command takes its options from there, and leaves those of others alone', async (t) => {
  const db = await countedFile(t, { a: 1 });
  const file = `${db}.json`;
  writeFileSync(file, JSON.stringify({ db, port: 4000 }));
  t.equal((await command(t, ['export', '--config', file])).stdout, '{"key":"a","value":1}\n');
  t.equal((await command(t, ['import', '--config', file], { input: '{"key":"a","value":2}' })).code, 0);
  t.equal((await command(t, ['backup', `${db}.copy`, '--config', file])).code, 0);
  t.equal((await command(t, ['export', '--db', `${db}.copy`])).stdout, '{"key":"a","value":3}\n');
  t.equal((await command(t, ['reset', '--yes', '--config', file])).code, 0);
  t.equal((await command(t, ['export', '--config', file])).stdout, '');
});

test('what is wrong with a config file is told in one line', async (t) => {
  const faults: [content: unknown, line: RegExp][] = [
    [{ prot: 1 }, /config\.json: there is no option "prot" \(Did you mean "port"\?\)$/m],
    [{ syncInterval: '5s' }, /there is no option "syncInterval" \(Did you mean "sync-interval"\?\)$/m],
    [{ '--port': 1 }, /there is no option "--port" \(Did you mean "port"\?\)$/m],
    [{ colour: 'red' }, /there is no option "colour"$/m],
    [{ __proto_: 1 }, /there is no option "__proto_"$/m],
    [{ constructor: 1 }, /there is no option "constructor"/],
    [{ port: 65_536 }, /config\.json: --port must be a whole number from 0 to 65535, not "65536"$/m],
    [{ port: true }, /config\.json: --port must be .* not "true"$/m],
    [{ port: null }, /config\.json: port must be a string, a number, true, false or an array of strings$/m],
    [{ port: [1] }, /config\.json: port must be a string, a number, true, false or an array of strings$/m],
    ['{"port": 1, "port": 2}', /config\.json is not JSON: Duplicate key 'port'/],
    ['{"port": 1,}', /config\.json is not JSON: /],
    ['[]', /config\.json is not a JSON object$/m],
    ['5', /config\.json is not a JSON object$/m],
  ];
  for (const [content, line] of faults) {
    const { file, db } = configFile(t, content);
    await fails(t, ['start', '--db', db, '--config', file], line, {}, WRONG_USAGE);
  }
  const { file } = configFile(t, {});
  await fails(t, ['start', '--config', `${file}.none`], /config\.json\.none can't be read: ENOENT/, {}, WRONG_USAGE);
  mkdirSync(`${file}.folder`);
  await fails(t, ['start', '--config', `${file}.folder`], /can't be read: EISDIR/, {}, WRONG_USAGE);
});
