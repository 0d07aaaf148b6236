import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { command } from '../cli/command.js';
import { operationsOf, readDocument, requestOf } from '../contract/document.js';
import { TRANSPORTS } from '../contract/service.js';
import { encode } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { Random } from '../torture/random.js';
import { ask } from './ask.js';
import { mutate, mutateWithin } from './mutation.js';
import { requestsOr, seed } from './settings.js';

/** Mutated requests over each transport. */
const REQUESTS = 10_000;
const AT_ONCE = 200;

/** Some replies never come, or wait for something: nobody waits for those. */
const PATIENCE_MS = 200;

const TOKEN = 'fuzz-token';

const requests = requestsOr(REQUESTS);

t.setTimeout(600_000);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, what is documented of any route, mutated, leads to no fault`, async (t) => {
    t.comment(`FUZZ_SEED=${seed}`);
    const random = new Random(seed);
    const db = `${t.testdir()}/numbers.db`;
    const added = await command(t, ['user', 'add', 'fuzzer', '--scope', 'admin', '--token-stdin', '--db', db], { input: TOKEN });
    t.equal(added.code, 0, added.stderr);
    const options = ['--services', 'all', '--points-users', '100', '--lab-delay', '1ms'];
    const server = await ServerProcess.serving(t, db, ['--transport', transport, ...options]);
    const document = await ask(server.port, readDocument);
    const documented = operationsOf(document).flatMap(({ method, operation }) =>
      operation['x-examples'].map((example) => requestOf(method, operation, example)),
    );
    t.ok(documented.length > 50, `${documented.length} requests`);
    for (let sent = 0; sent < requests; sent += AT_ONCE) {
      const mutated = Array.from({ length: AT_ONCE }, () => {
        const [request, other] = [withToken(random.pick(documented), random), random.pick(documented)];
        return random.chance(0.7) ? mutateWithin(request, random, other) : mutate(request, random, other);
      });
      await Promise.all(mutated.map((request) => send(server.port, request)));
    }
    t.strictSame(
      server.log().filter(({ level }) => (level as number) > 40),
      [],
      'it has logged no error',
    );
    const health = await ask(server.port, (wire) => wire.exchange(encode({ target: '/healthz' })));
    t.equal(health.body, '{"status":"ok","reasons":[]}', 'the server is well');
    server.signal('SIGTERM');
    t.strictSame(await server.exit, { code: 0, signal: null }, 'it stops in order, and had not ended before');
  });
}

/** Half of the time as an admin, so that it gets beyond the guard. */
function withToken(request: string, random: Random): string {
  return random.chance(0.5)
    ? request
    : request.replace(/^Authorization: .*\r\n/m, '').replace('\r\n', `\r\nAuthorization: ${TOKEN}\r\n`);
}

/** Sends bytes, and waits for something to come. */
async function send(port: number, bytes: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  // A reset is an answer, too.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await Promise.race([once(socket, 'data'), once(socket, 'close'), delay(PATIENCE_MS)]).catch(() => undefined);
  socket.destroy();
}
