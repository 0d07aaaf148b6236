import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Test, test } from 'tap';
import { until } from '../condition.js';
import { freePort } from '../free-port.js';
import { NodeProcess, nodeProgram } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';

/** An interval at which no test's drain job comes to its turn. */
const NO_DRAINS = ['--sync-interval', '1h'];

function fileIn(t: Test): string {
  return join(t.testdir({}), 'numbers.db');
}

function stored(path: string, key: string): unknown {
  return withDatabase(path, (database) => database.prepare('SELECT value FROM numbers WHERE key = ?').pluck().get(key));
}

/** What a process ends with when its options are wrong. */
const WRONG_USAGE = 2;

/** Asserts that a process ends with one line on stderr, a failure, and nothing else. */
async function failsWith(t: Test, process: NodeProcess, line: RegExp, code = 1): Promise<void> {
  const exit = await process.exit;
  t.same(exit, { code, signal: null });
  t.match(process.stderr, /^[^\n]+\n$/, 'one line on stderr');
  t.match(process.stderr, line);
  t.equal(process.stdout, '');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} stops the server with everything on disk`, async (t) => {
    const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
    for (let i = 1; i <= 20; i++) await server.increment(`key${i % 3}`, i);
    server.signal(signal);
    t.same(await server.exit, { code: 0, signal: null });
    t.equal(stored(server.db, 'key0'), 3 + 6 + 9 + 12 + 15 + 18);
    t.equal(stored(server.db, 'key1'), 1 + 4 + 7 + 10 + 13 + 16 + 19);
    t.equal(stored(server.db, 'key2'), 2 + 5 + 8 + 11 + 14 + 17 + 20);
  });
}

for (const transport of ['uws', 'node'] as const) {
  test(`a restart takes the same port at once, though clients were connected, with the transport ${transport}`, async (t) => {
    const db = fileIn(t);
    const port = await freePort();
    // The last of the options counts.
    const options = ['--port', `${port}`, '--transport', transport];
    const first = await ServerProcess.serving(t, db, options);
    const client = connect(port, '127.0.0.1');
    t.teardown(() => client.destroy());
    client.write('GET /numbers/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(client, 'data');
    first.signal('SIGTERM');
    t.same(await first.exit, { code: 0, signal: null });
    const second = await ServerProcess.serving(t, db, options);
    t.equal((await second.increment('a')).status, 200);
  });
}

test('a restart goes on from the totals and from the last seq', async (t) => {
  const db = fileIn(t);
  const first = await ServerProcess.serving(t, db, NO_DRAINS);
  await first.increment('a', 40);
  t.same((await first.increment('a')).body, { key: 'a', value: 41, seq: 2 });
  first.signal('SIGTERM');
  await first.exit;
  const second = await ServerProcess.serving(t, db, NO_DRAINS);
  t.same((await second.get('/numbers/a')).body, { key: 'a', value: 41 });
  t.same((await second.increment('a')).body, { key: 'a', value: 42, seq: 3 });
  t.notOk(second.log().some(({ msg }) => `${msg}`.includes('did not stop cleanly')));
});

test('after a kill no seq is used again, what was drained is there, and the log bounds what is lost', async (t) => {
  const db = fileIn(t);
  const first = await ServerProcess.serving(t, db, ['--sync-interval', '20ms']);
  let last = 0;
  for (let i = 0; i < 50; i++) last = (await first.increment('a')).body.seq;
  const drained = await until('a drain', () => stored(db, 'a'));
  first.signal('SIGKILL');
  t.same(await first.exit, { code: null, signal: 'SIGKILL' });
  const second = await ServerProcess.serving(t, db);
  const { value } = (await second.get('/numbers/a')).body;
  t.ok(Number(value) >= Number(drained), `${value} of 50, ${drained} were seen on disk`);
  const recovery = second.log().find(({ msg }) => `${msg}`.startsWith('the last run did not stop cleanly'));
  t.ok(recovery, 'it says so');
  t.ok(Number(recovery?.lostAtMost) >= 50 - Number(value), `at most ${recovery?.lostAtMost} are lost`);
  t.ok((await second.increment('a')).body.seq > last);
});

test('what a kill loses is within the bound that the next run tells', async (t) => {
  const db = fileIn(t);
  const first = await ServerProcess.serving(t, db, NO_DRAINS);
  let last = 0;
  for (let i = 0; i < 30; i++) last = (await first.increment(`key${i}`)).body.seq;
  first.signal('SIGKILL');
  await first.exit;
  const second = await ServerProcess.serving(t, db);
  const recovery = second.log().find(({ msg }) => `${msg}`.startsWith('the last run did not stop cleanly'));
  t.ok(Number(recovery?.lostAtMost) >= 30, `at most ${recovery?.lostAtMost}`);
  t.equal((await second.get('/numbers/key0')).status, 404);
  t.ok((await second.increment('key0')).body.seq > last);
});

test('one that comes again at once is the same signal; a second later it ends the server, with a failure', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), [...NO_DRAINS, '--stop-timeout', '1h']);
  await server.increment('a');
  const lock = new Database(server.db);
  t.teardown(() => lock.close());
  lock.exec('BEGIN IMMEDIATE'); // The drain of the stop has to wait.
  server.signal('SIGTERM');
  await server.printed('it is stopping', () => server.log().some(({ msg }) => msg === 'stopping'));
  const startMs = performance.now();
  await until('it ends', () => {
    server.signal('SIGINT');
    return server.ended;
  });
  t.same(await server.exit, { code: 1, signal: null });
  t.ok(server.log().some(({ msg }) => `${msg}`.startsWith('stopping at once')));
  t.ok(performance.now() - startMs > 900, 'not by the first of them');
});

test('a stop that can not write everything in time ends with a failure and says so', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), [...NO_DRAINS, '--stop-timeout', '500ms']);
  await server.increment('a');
  const lock = new Database(server.db);
  t.teardown(() => lock.close());
  lock.exec('BEGIN IMMEDIATE');
  server.signal('SIGTERM');
  t.same(await server.exit, { code: 1, signal: null });
  t.ok(server.log().some(({ msg }) => `${msg}`.includes('not everything is on disk')));
  lock.exec('ROLLBACK');
  const next = await ServerProcess.serving(t, server.db);
  t.ok(next.log().some(({ msg }) => `${msg}`.startsWith('the last run did not stop cleanly')));
});

test('a stop answers a request that is on its way', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  const lock = new Database(server.db);
  t.teardown(() => lock.close());
  lock.exec('BEGIN IMMEDIATE');
  // The first write after a quiet time is answered when a commit is through, and that one waits for the lock.
  const reply = server.increment('a');
  await until('the write is there', async () => (await server.get('/numbers/a')).status === 200);
  server.signal('SIGTERM');
  await server.printed('it is stopping', () => server.log().some(({ msg }) => msg === 'stopping'));
  lock.exec('ROLLBACK');
  t.same((await reply).body, { key: 'a', value: 1, seq: 1 });
  t.same(await server.exit, { code: 0, signal: null });
  t.equal(stored(server.db, 'a'), 1);
});

for (const transport of ['uws', 'node']) {
  test(`a port that is taken is refused, and no file is made, with the transport ${transport}`, async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.teardown(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const db = fileIn(t);
    await failsWith(t, new ServerProcess(t, db, ['--port', `${port}`, '--transport', transport]), new RegExp(`port ${port}`));
    t.same(readdirSync(join(db, '..')), []);
  });

  test(`the port of another server is taken, with the transport ${transport}`, async (t) => {
    const directory = t.testdir({});
    // Not port 0: uWebSockets.js never shares a port that it was given by the system.
    const first = await ServerProcess.serving(t, join(directory, 'first.db'), [
      '--port',
      `${await freePort()}`,
      '--transport',
      transport,
    ]);
    const second = new ServerProcess(t, join(directory, 'second.db'), ['--port', `${first.port}`, '--transport', transport]);
    await failsWith(t, second, new RegExp(`port ${first.port}`));
    t.notOk(existsSync(join(directory, 'second.db')));
    t.equal((await first.increment('a')).status, 200);
  });
}

test('a second server on the same file is refused and leaves it alone', async (t) => {
  const first = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await first.increment('a');
  const before = readFileSync(first.db);
  await failsWith(t, new ServerProcess(t, first.db), new RegExp(`in use by process ${first.child.pid}`));
  t.ok(readFileSync(first.db).equals(before));
  t.equal((await first.increment('a')).body.value, 2);
});

test('a file that is not a database is refused and left alone', async (t) => {
  const db = fileIn(t);
  writeFileSync(db, 'precious text');
  await failsWith(t, new ServerProcess(t, db), /is not a SQLite database/);
  t.equal(readFileSync(db, 'utf8'), 'precious text');
});

test('a file with a newer schema is refused and left alone', async (t) => {
  const db = fileIn(t);
  const server = await ServerProcess.serving(t, db);
  server.signal('SIGTERM');
  await server.exit;
  withDatabase(db, (database) => database.exec('UPDATE incrementer_state SET schema_version = 1000'));
  const before = readFileSync(db);
  await failsWith(t, new ServerProcess(t, db), /newer version/);
  t.ok(readFileSync(db).equals(before));
});

test('a directory that does not exist is refused', async (t) => {
  await failsWith(t, new ServerProcess(t, join(t.testdir({}), 'missing', 'numbers.db')), /does not exist/);
});

test('a file with more counters than may be in memory is refused', async (t) => {
  const db = fileIn(t);
  withDatabase(db, (database) => {
    database.exec('CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)');
    database.exec('CREATE UNIQUE INDEX numbers_key_index ON numbers (key)');
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO numbers SELECT 'key' || i, i FROM n`);
  });
  await failsWith(t, new ServerProcess(t, db, ['--max-counters', '100']), /--max-counters/);
  t.equal(stored(db, 'key50000'), 50_000);
});

test('an option with a bad value is refused in one line that names it', async (t) => {
  const faults: [flag: string, value: string][] = [
    ['--port', '65536'],
    ['--sync-interval', 'soon'],
    ['--transport', 'carrier-pigeon'],
    ['--queue-size', '0'],
    ['--log-level', 'loud'],
  ];
  for (const [flag, value] of faults) {
    await failsWith(t, new ServerProcess(t, fileIn(t), [flag, value]), new RegExp(`${flag} .*${value}`), WRONG_USAGE);
  }
});

test('an option that there is not is refused in one line that names it', async (t) => {
  await failsWith(t, new ServerProcess(t, fileIn(t), ['--colour', 'red']), /--colour/, WRONG_USAGE);
});

test('options come from the environment as well, and the command line goes before', async (t) => {
  const directory = t.testdir({});
  const env = { INCREMENTER_PORT: '0', INCREMENTER_DB: 'from-environment.db', INCREMENTER_LOG_LEVEL: 'debug' };
  const server = new NodeProcess(t, [EXECUTABLE, 'start'], { cwd: directory, env });
  await server.printed('it serves', () => server.stderr.includes('"serving"'));
  t.ok(existsSync(join(directory, 'from-environment.db')));
  const other = new NodeProcess(t, [EXECUTABLE, 'start', '--db', 'from-flag.db'], { cwd: directory, env });
  await other.printed('it serves', () => other.stderr.includes('"serving"'));
  t.ok(existsSync(join(directory, 'from-flag.db')));
});

test('a bad value in the environment is refused like one on the command line', async (t) => {
  const server = new ServerProcess(t, fileIn(t), [], { INCREMENTER_SYNC_INTERVAL: 'soon' });
  await failsWith(t, server, /--sync-interval .*soon/, WRONG_USAGE);
});

test('the file is numbers.db in the working directory when nobody says', async (t) => {
  const directory = t.testdir({});
  const server = new NodeProcess(t, [EXECUTABLE, 'start', '--port', '0'], { cwd: directory });
  await server.printed('it serves', () => server.stderr.includes('"serving"'));
  t.ok(existsSync(join(directory, 'numbers.db')));
});

/** Another process that holds the file's write lock until it is let go. */
async function lockHolder(t: Test, db: string): Promise<() => Promise<unknown>> {
  const program = `
    import Database from 'better-sqlite3';
    const database = new Database(process.argv[1]);
    database.exec('BEGIN IMMEDIATE');
    console.log('locked');
    process.stdin.on('end', () => database.close()).resume();
  `;
  const holder = nodeProgram(t, program, db);
  await holder.printed('it has the lock', ({ stdout }) => stdout.includes('locked'));
  return () => {
    holder.child.stdin?.end();
    return holder.exit;
  };
}

test('while the store fails the server counts on in bounded memory, says so, and loses nothing', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), ['--sync-interval', '20ms', '--queue-size', '3']);
  t.equal((await server.get('/readyz')).status, 200);
  const unlock = await lockHolder(t, server.db);

  for (const key of ['a', 'b', 'c']) t.equal((await server.increment(key)).status, 200, `${key} counts`);
  const unready = await until('it is unready', async () => {
    const reply = await server.get('/readyz');
    return reply.status === 503 && reply;
  });
  t.equal(unready.body.code, 'not-ready');
  t.equal(unready.headers.get('retry-after'), '1');
  const health = await server.get('/healthz');
  t.equal(health.status, 200, 'a restart would lose what is in memory');
  t.same(health.body.status, 'degraded');
  t.ok(health.body.reasons.includes('store-failing'));

  const refused = await server.increment('d');
  t.equal(refused.status, 503);
  t.equal(refused.body.code, 'queue-full');
  t.equal(refused.headers.get('retry-after'), '1');
  t.equal((await server.get('/numbers/d')).status, 404, 'what is refused has no effect');
  t.same((await server.increment('a', 10)).body.value, 11, 'what is queued still counts');

  await unlock();
  await until('it is ready', async () => (await server.get('/readyz')).status === 200);
  await until(
    'all is on disk',
    () => stored(server.db, 'a') === 11 && stored(server.db, 'b') === 1 && stored(server.db, 'c') === 1,
  );
  t.equal((await server.increment('d')).status, 200);
  t.equal((await server.get('/healthz')).body.status, 'ok');
  t.equal(server.log().filter(({ msg }) => `${msg}`.startsWith('the store fails')).length, 1, 'logged once');
  t.equal(server.log().filter(({ msg }) => `${msg}`.startsWith('the store works again')).length, 1);
});
