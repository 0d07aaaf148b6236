import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Test, test } from 'tap';
import { until } from '../condition.js';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { makeSeedFile } from '../store/store-file.js';
import { command, countedFile, fails, fileIn, post } from './command.js';

const NO_DRAINS = ['--sync-interval', '1h'];

/** What a server that serves says of the file that it was started on. */
async function recovered(server: ServerProcess): Promise<{ clean: boolean; lost_at_most: number; durable_seq: number }> {
  const { body } = await server.get('/durability');
  return (body as unknown as { recovered: { clean: boolean; lost_at_most: number; durable_seq: number } }).recovered;
}

function beside(db: string, name: string): string {
  return join(dirname(db), name);
}

/** So many rows that a copy takes many steps. */
function fill(db: string, rows: number): void {
  withDatabase(db, (database) =>
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO numbers SELECT 'a key of some length ' || i, i FROM n`),
  );
}

test('a backup of a stopped server is one file that a server takes, and says nothing was lost', async (t) => {
  const db = await countedFile(t, { a: 5, b: 7 });
  const copy = beside(db, 'copy.db');
  const { code, stdout, stderr } = await command(t, ['backup', copy, '--db', db]);
  t.same({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /copy\.db: \d+ bytes; every write up to seq 2 is in it\n$/);
  t.same(readdirSync(dirname(db)).sort(), ['copy.db', 'numbers.db', 'numbers.db-lock']);
  t.equal((await command(t, ['verify', copy])).code, 0);
  t.same(readdirSync(dirname(db)).sort(), ['copy.db', 'numbers.db', 'numbers.db-lock']);
  const server = await ServerProcess.serving(t, copy);
  t.same(await recovered(server), { clean: true, lost_at_most: 0, durable_seq: 2 });
  t.same((await server.increment('a')).body, { key: 'a', value: 6, seq: 3 });
});

test('a backup can be read where nothing can be written beside it', async (t) => {
  const copy = beside(await countedFile(t, { a: 5 }), 'copy.db');
  await command(t, ['backup', copy, '--db', beside(copy, 'numbers.db')]);
  // The bytes that say whether a file has a log: 1 is no (SQLite's file format, section 1.3).
  t.same([...readFileSync(copy).subarray(18, 20)], [1, 1]);
});

test('a backup of a running server with nothing in memory alone says that nothing is lost', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await post(server, '/increment', { key: 'a', value: '5' });
  await post(server, '/drain', {});
  const copy = beside(server.db, 'copy.db');
  t.match((await command(t, ['backup', copy, '--db', server.db])).stdout, /every write up to seq 1 is in it\n$/);
  const restored = await ServerProcess.serving(t, copy);
  t.same(await recovered(restored), { clean: false, lost_at_most: 0, durable_seq: 1 });
  t.ok(
    restored
      .log()
      .some(({ msg }) =>
        `${msg}`.endsWith('did not stop cleanly: nothing is lost, beside what was acknowledged while the disk failed, if it did'),
      ),
  );
  t.equal((await restored.get('/numbers/a')).body.value, 5);
});

test('a backup of a running server says how much was in memory only', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await post(server, '/increment', { key: 'a', durability: 'disk' });
  let last = 0;
  for (let i = 0; i < 10; i++) last = (await post(server, '/increment', { key: 'in-memory' })).seq;
  const copy = beside(server.db, 'copy.db');
  const { stdout } = await command(t, ['backup', copy, '--db', server.db]);
  const [, pending] = /every write up to seq 1 is in it; of later ones, at most (\d+) were in memory only/.exec(stdout) ?? [];
  t.ok(Number(pending) >= 10, stdout);
  const restored = await ServerProcess.serving(t, copy);
  t.same(await recovered(restored), { clean: false, lost_at_most: Number(pending), durable_seq: 1 });
  t.equal((await restored.get('/numbers/in-memory')).status, 404);
  t.ok((await restored.increment('a')).body.seq > last, 'no seq that was acknowledged is given again');
});

test('restore drill: a backup under constant load has every value that was on disk when it began', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t));
  fill(server.db, 500_000);
  const acknowledged = new Map<string, number>();
  let commits = 0;
  let isDone = false;
  /** Counts the same key up, on disk, and its twin in the same batch. */
  const client = async (key: string) => {
    const body = new URLSearchParams([
      ['key', key],
      ['value', '1'],
      ['key', `${key} twin`],
      ['value', '1'],
    ]);
    while (!isDone) {
      const response = await fetch(`http://127.0.0.1:${server.port}/increments?durability=disk`, { method: 'POST', body });
      const { values } = (await response.json()) as { values: [number, number] };
      acknowledged.set(key, values[0]);
      commits++;
    }
  };
  const keys = ['a', 'b', 'c', 'd'];
  const clients = keys.map(client);
  await until('every client has counted', () => keys.every((key) => acknowledged.has(key)));

  const durable = (await server.get('/durability')).body as unknown as { durable_seq: number };
  const before = new Map(acknowledged);
  const commitsBefore = commits;
  const copy = beside(server.db, 'copy.db');
  const outcome = await command(t, ['backup', copy, '--db', server.db]);
  const during = commits - commitsBefore;
  isDone = true;
  await Promise.all(clients);
  t.same({ code: outcome.code, stderr: outcome.stderr }, { code: 0, stderr: '' });
  t.ok(during > 10, `${during} batches came in meanwhile`);

  const verified = await command(t, ['verify', '--json', copy]);
  t.equal(verified.code, 0);
  const { state, rows } = JSON.parse(verified.stdout) as { state: { seq: number }; rows: { numbers: number } };
  t.equal(rows.numbers, 500_000 + 2 * keys.length);
  t.ok(state.seq >= durable.durable_seq, `seq ${state.seq}, ${durable.durable_seq} was on disk`);
  const restored = await ServerProcess.serving(t, copy);
  for (const key of keys) {
    const { value } = (await restored.get(`/numbers/${key}`)).body;
    const twin = (await restored.get(`/numbers/${key}%20twin`)).body.value;
    t.ok(Number(value) >= (before.get(key) ?? Number.POSITIVE_INFINITY), `${key} is ${value}, ${before.get(key)} was on disk`);
    t.equal(twin, value, 'no batch is there by half');
  }
  t.equal((await recovered(restored)).durable_seq, state.seq);
  t.equal((await restored.get('/numbers/a%20key%20of%20some%20length%20500000')).body.value, 500_000);
});

test('a backup does not replace a file, unless it is told to', async (t) => {
  const db = await countedFile(t, { a: 5 });
  const copy = beside(db, 'copy.db');
  writeFileSync(copy, 'precious text');
  await fails(t, ['backup', copy, '--db', db], /copy\.db is there already/);
  t.equal(readFileSync(copy, 'utf8'), 'precious text');
  t.equal((await command(t, ['backup', copy, '--db', db, '--force'])).code, 0);
  t.equal((await command(t, ['verify', copy])).code, 0);
  t.same(readdirSync(dirname(db)).sort(), ['copy.db', 'numbers.db', 'numbers.db-lock']);
});

test('a backup is refused over its own source, over a file in use, and beside the log of another', async (t) => {
  const db = await countedFile(t, { a: 5 });
  await fails(t, ['backup', db, '--db', db, '--force'], /is the file that is to be copied/);
  const server = await ServerProcess.serving(t, beside(db, 'served.db'));
  await fails(t, ['backup', server.db, '--db', db, '--force'], /served\.db-wal is there: a server has/);
  t.equal((await server.increment('a')).body.value, 1);
  const copy = beside(db, 'copy.db');
  copyFileSync(`${server.db}-wal`, `${copy}-wal`);
  await fails(t, ['backup', copy, '--db', db], /copy\.db-wal is there/);
  t.notOk(existsSync(copy));
});

test('a backup is refused where it can not be made, and leaves nothing', async (t) => {
  const db = await countedFile(t, { a: 5 });
  await fails(t, ['backup', beside(db, 'none/copy.db'), '--db', db], /none does not exist/);
  await fails(t, ['backup', dirname(db), '--db', db, '--force'], /is not a file/);
  await fails(t, ['backup', beside(db, 'copy.db'), '--db', beside(db, 'none.db')], /none\.db does not exist/);
  t.same(readdirSync(dirname(db)).sort(), ['numbers.db', 'numbers.db-lock']);
});

async function interrupted(t: Test, db: string, signal: NodeJS.Signals): Promise<NodeProcess> {
  const process = new NodeProcess(t, [EXECUTABLE, 'backup', beside(db, 'copy.db'), '--db', db]);
  await until(
    'it copies',
    () => process.ended !== undefined || readdirSync(dirname(db)).some((name) => name.includes('.unfinished')),
  );
  process.signal(signal);
  await process.exit;
  return process;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`a backup that ${signal} ends does not have its name`, async (t) => {
    const db = fileIn(t);
    makeSeedFile(db, []);
    fill(db, 500_000);
    const process = await interrupted(t, db, signal);
    t.notSame(process.ended, { code: 0, signal: null }, 'it was not yet done');
    t.notOk(existsSync(beside(db, 'copy.db')));
    if (signal === 'SIGKILL') return;
    t.same(readdirSync(dirname(db)), ['numbers.db']);
    t.equal(process.stderr, `incrementer: ${signal}: no backup was made\n`);
  });
}
