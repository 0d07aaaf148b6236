import t, { type Test } from 'tap';
import { TRANSPORTS } from '../contract/service.js';
import { encode, post, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { Random } from '../torture/random.js';
import { counted, drain, durability } from '../writes/written.js';
import { Account } from './account.js';
import { ask } from './ask.js';
import { request } from './corpus.js';
import { mutate, mutateWithin } from './mutation.js';
import { requestsOr, seed } from './settings.js';
import { Target } from './target.js';

/** Mutated requests over each transport. */
const REQUESTS = 100_000;
const SHARES = { framed: 0.55, unframed: 0.4, waiting: 0.05 };
const CONNECTIONS = 250;

const SENTINEL = 'sentinel';

const requests = requestsOr(REQUESTS);

t.setTimeout(600_000);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, mutated requests break nothing, and change nothing but what is acknowledged`, async (t) => {
    t.comment(`FUZZ_SEED=${seed}`);
    const random = new Random(seed);
    const db = `${t.testdir()}/numbers.db`;
    // No drain but those that are asked for: while one lasts, a reply may have to wait, and a connection that ends has no reply.
    const args = ['--transport', transport, '--sync-interval', '10h', '--log-level', 'info'];
    const server = await ServerProcess.serving(t, db, args);
    const sentinel = `${SENTINEL}-${random.between(1e8, 1e9)}-${random.between(1e8, 1e9)}`;
    await ask(server.port, (wire) => wire.exchange(post(`key=${sentinel}&value=12345&durability=disk`)));

    const within = (valid: string, other: string) => mutateWithin(valid, random, other);
    const anywhere = (valid: string, other: string) => mutate(valid, random, other);
    const framed = await fuzz(server.port, random, requests * SHARES.framed, within);
    t.ok(framed.counted.size > requests / 40, `${framed.counted.size} writes were made`);
    await expectAccounted(t, server, [framed], 0);

    const unframed = await fuzz(server.port, random, requests * SHARES.unframed, anywhere);
    await expectAccounted(t, server, [framed, unframed], unframed.cutOff);

    const waiting = await fuzz(server.port, random, requests * SHARES.waiting, anywhere, true);
    t.ok(waiting.durable > 0, `${waiting.durable} replies waited for the disk`);
    // As many of these as there are lose their reply with their connection.
    await expectAccounted(t, server, [framed, unframed, waiting], Number.POSITIVE_INFINITY);

    for (const { sent, replies, statuses, faults } of [framed, unframed, waiting]) {
      t.comment(`${sent} requests, ${replies} replies: ${JSON.stringify(Object.fromEntries(statuses))}`);
      t.strictSame(faults, [], 'every reply is one that the API or HTTP knows');
    }
    t.equal(await ask(server.port, (wire) => counted(wire, sentinel)), 12_345, 'a counter that nobody named is as it was');
    t.equal(stored(db).get(sentinel), '12345', 'in the file as well');
    const health = await ask(server.port, (wire) => wire.exchange(encode({ target: '/healthz' })));
    t.equal(health.body, '{"status":"ok","reasons":[]}', 'the server is well');
    t.strictSame(
      server.log().filter(({ level }) => (level as number) > 40),
      [],
      'it has logged no error',
    );
    server.signal('SIGTERM');
    t.strictSame(await server.exit, { code: 0, signal: null }, 'it stops in order, and had not ended before');
  });
}

type Mutate = (valid: string, other: string) => string;

/** Sends mutated requests, one at a time on each of many connections. */
async function fuzz(port: number, random: Random, requests: number, mutate: Mutate, waiting = false): Promise<Account> {
  const account = new Account();
  const control = await Wire.open(port);
  const targets = Array.from({ length: CONNECTIONS }, () => new Target(port));
  const end = async (target: Target) => {
    await target.finish();
    account.add(target);
  };
  while (account.sent < requests) {
    const before = targets.map(({ receivedBytes }) => receivedBytes);
    await Promise.all(targets.map((target) => target.send(mutate(request(random, waiting), request(random, waiting)))));
    account.sent += targets.length;
    // What was sent before has been read when these are answered.
    for (let i = 0; i < 2; i++) await control.exchange(encode({ target: '/healthz' }));
    // Whoever got no reply has sent no whole request. On the others the next one follows.
    const ended = targets.filter((target, i) => target.isOver || target.receivedBytes === before[i]);
    await Promise.all(ended.map(end));
    for (const [i, target] of targets.entries()) if (ended.includes(target)) targets[i] = new Target(port);
  }
  await Promise.all(targets.map(end));
  control.close();
  return account;
}

/**
 * That nothing was counted but what was acknowledged, and that the file has exactly that.
 *
 * @param unansweredMax how many writes may have been made whose replies were lost with a connection that was cut off:
 *   both HTTP libraries do that when garbage follows a request. Each changes one counter.
 */
async function expectAccounted(t: Test, server: ServerProcess, accounts: Account[], unansweredMax: number): Promise<void> {
  const { status } = await ask(server.port, (wire) => wire.exchange(drain()));
  t.equal(status, 200);
  const { seq, pending } = await ask(server.port, durability);
  const answered = accounts.reduce((sum, { counted }) => sum + counted.size, 0);
  // The first write is the sentinel's.
  const unanswered = seq - 1 - answered;
  t.comment(`${seq} writes, ${unanswered} of them unanswered (${unansweredMax} may be)`);
  t.ok(unanswered >= 0 && unanswered <= unansweredMax, 'every write was acknowledged, or its connection cut off');
  t.equal(pending, 0);
  const file = stored(server.db);
  const said = new Map(accounts.flatMap((account) => [...account.values()]));
  const keys = [...new Set([...file.keys(), ...said.keys()])].filter((key) => !key.startsWith(SENTINEL));
  const off = keys.filter((key) => file.get(key) !== said.get(key));
  t.ok(off.length <= unanswered, `${off.length} of ${keys.length} counters are not what the last reply about them says`);
}

function stored(db: string): Map<string, string> {
  return withDatabase(db, (file) => {
    const rows = file.prepare('SELECT key, CAST(value AS TEXT) FROM numbers').raw().all() as [string, string][];
    return new Map(rows);
  });
}
