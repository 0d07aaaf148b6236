import { readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { SCHEMA_VERSION } from '../../dist/store/sqlite/schema.js';
import type { Table } from '../../dist/store/table.js';
import { IDEMPOTENCY } from '../../dist/writes/idempotency.js';
import { nodeProgram } from '../node-process.js';
import { withDatabase } from './connection.js';
import { contentsOf } from './directory.js';
import { crash } from './holder.js';
import { batchOf, begun, fileIn, load, makeSeedFile, opened, rowsOf, SEED_INDEX, SEED_TABLE } from './store-file.js';

const FRESH = { seq: 0, ceilingSeq: 0, clean: true };

/** A table that no earlier version had. */
const LATER: Table = {
  name: 'incrementer_later',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'at', type: 'integer' },
  ],
  key: ['key', 'at'],
};

/** What version 0.2.0 puts into a new file, to the letter. */
const STATEMENTS_0_2_0 = [
  SEED_TABLE,
  SEED_INDEX,
  'CREATE TABLE incrementer_idempotency (key TEXT, payload TEXT, type TEXT, body TEXT, expires_ms INTEGER)',
  'CREATE UNIQUE INDEX incrementer_idempotency_key_index ON incrementer_idempotency (key)',
  `CREATE TABLE incrementer_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ceiling_seq INTEGER NOT NULL,
    clean INTEGER NOT NULL
  )`,
];

function statementsOf(path: string): unknown[] {
  return withDatabase(path, (database) => database.prepare('SELECT sql FROM sqlite_schema').pluck().all());
}

test('a fresh file has the schema of the seed, to the letter', async (t) => {
  const path = fileIn(t);
  const { state, close } = await begun(t, path);
  t.same(state, FRESH);
  await close(0);
  t.same(statementsOf(path).slice(0, 2), [SEED_TABLE, SEED_INDEX]);
});

test('a new file is made when the run begins, and not before', async (t) => {
  const path = fileIn(t);
  const { store, state } = await opened(t, path);
  t.same(state, FRESH);
  t.equal((await load(store)).size, 0);
  t.same(readdirSync(dirname(path)), []);
  await store.begin();
  t.ok(readdirSync(dirname(path)).includes('numbers.db'));
});

test('a file that the seed made opens as it is and goes on', async (t) => {
  const path = fileIn(t);
  const rows = [
    ['abcdef', 41],
    ['ü', -7],
  ] as const;
  makeSeedFile(path, rows);
  const first = await opened(t, path);
  t.same(first.state, FRESH);
  t.same([...(await load(first.store))], rows);
  await first.store.begin();
  await first.store.commit(batchOf(1, [['abcdef', 42]]));
  await first.close(1);
  t.same(statementsOf(path).slice(0, 2), [SEED_TABLE, SEED_INDEX]);
  const second = await opened(t, path);
  t.equal((await load(second.store)).get('abcdef'), 42);
});

test('a file of version 0.2.0 opens as it is and gets the tables that are new', async (t) => {
  const path = fileIn(t);
  withDatabase(path, (database) => {
    database.pragma('journal_mode = WAL');
    for (const statement of STATEMENTS_0_2_0) database.exec(statement);
    database.exec("INSERT INTO numbers VALUES ('a', 7)");
    database.exec("INSERT INTO incrementer_idempotency VALUES ('k', 'p', 't', 'b', 5)");
    database.exec('INSERT INTO incrementer_state VALUES (1, 1, 7, 900, 0)');
  });
  const tables = [NUMBERS, IDEMPOTENCY, LATER];
  const first = await opened(t, path, tables);
  t.same(first.state, { seq: 7, ceilingSeq: 900, clean: false });
  t.same([...(await load(first.store))], [['a', 7]]);
  t.same(await rowsOf(first.store, IDEMPOTENCY), [['k', 'p', 't', 'b', 5]]);
  t.same(await rowsOf(first.store, LATER), [], 'a table that is missing has no rows');
  await first.store.begin();
  const row = { table: LATER.name, length: 1, columns: [['a'], [1]], deleted: { length: 0, columns: [[], []] } };
  const slices = [row];
  await first.store.commit({ seq: 901, next: () => slices.shift(), seal: () => 901 });
  await first.close(901);
  t.same(statementsOf(path), [
    ...STATEMENTS_0_2_0,
    'CREATE TABLE incrementer_later (key TEXT, at INTEGER)',
    'CREATE UNIQUE INDEX incrementer_later_key_at_index ON incrementer_later (key, at)',
  ]);
  const second = await opened(t, path, tables);
  t.same(second.state, { seq: 901, ceilingSeq: 901, clean: true });
  t.same(await rowsOf(second.store, LATER), [['a', 1]]);
});

test('a file of an older schema has the newer one from when a run begins on it', async (t) => {
  const path = fileIn(t);
  const version = () =>
    withDatabase(path, (database) => database.prepare('SELECT schema_version FROM incrementer_state').pluck().get());
  await (await begun(t, path)).close(0);
  t.equal(version(), SCHEMA_VERSION);
  withDatabase(path, (database) => database.exec('UPDATE incrementer_state SET schema_version = 0'));
  const { store, close } = await opened(t, path);
  t.equal(version(), 0);
  await store.begin();
  await close(0);
  t.equal(version(), SCHEMA_VERSION);
});

test('a file of zero bytes is a fresh one', async (t) => {
  const path = fileIn(t);
  writeFileSync(path, '');
  const { store, state } = await begun(t, path);
  t.same(state, FRESH);
  await store.commit(batchOf(1, [['a', 1]]));
  t.equal((await load(store)).get('a'), 1);
});

test('a stop with everything on disk is clean, one without is not', async (t) => {
  const path = fileIn(t);
  const first = await begun(t, path);
  await first.store.commit(batchOf(5, [['a', 5]], 1_000));
  await first.close(5);
  const second = await begun(t, path);
  t.same(second.state, { seq: 5, ceilingSeq: 5, clean: true });
  await second.store.commit(batchOf(6, [['a', 6]], 1_006));
  await second.close(undefined);
  t.same((await opened(t, path)).state, { seq: 6, ceilingSeq: 1_006, clean: false });
});

test('a crash leaves what was committed and the bound of what was not, and the next run begins at the bound', async (t) => {
  const path = fileIn(t);
  const rows = [
    ['a', 5],
    ['b', 6],
  ] as const;
  await crash(t, path, { begins: true, batch: { rows, seq: 11, ceilingSeq: 2_000 } });
  const second = await begun(t, path);
  t.same(second.state, { seq: 11, ceilingSeq: 2_000, clean: false });
  t.same([...(await load(second.store))], rows);
  // It crashes as well, before it wrote anything: what the first one lost is not told again.
  await second.close(undefined);
  t.same((await opened(t, path)).state, { seq: 2_000, ceilingSeq: 2_000, clean: false });
});

test('a start that ends before its run begins leaves the news of a loss to the next one', async (t) => {
  const path = fileIn(t);
  await crash(t, path, { begins: true, batch: { rows: [['a', 5]], seq: 11, ceilingSeq: 2_000 } });
  const left = { seq: 11, ceilingSeq: 2_000, clean: false };
  const before = contentsOf(dirname(path));
  await crash(t, path, { begins: false });
  t.same(contentsOf(dirname(path)), { ...before, 'numbers.db-lock': contentsOf(dirname(path))['numbers.db-lock'] });
  const second = await opened(t, path);
  t.same(second.state, left, 'after a kill');
  await second.close(undefined);
  const third = await opened(t, path);
  t.same(third.state, left, 'after an end in order');
  t.same([...(await load(third.store))], [['a', 5]]);
});

test('a start that ends before its run begins leaves a clean stop clean', async (t) => {
  const path = fileIn(t);
  const first = await begun(t, path);
  await first.store.commit(batchOf(5, [['a', 5]], 1_000));
  await first.close(5);
  await crash(t, path, { begins: false });
  const second = await opened(t, path);
  await second.close(undefined);
  t.same((await opened(t, path)).state, { seq: 5, ceilingSeq: 5, clean: true });
});

test('nothing is committed and no ceiling raised before the run begins', async (t) => {
  const path = fileIn(t);
  const { store, close } = await opened(t, path);
  await t.rejects(store.commit(batchOf(1, [['a', 1]])), /has not begun/);
  t.equal(store.raise(500, 30_000), false);
  await close(1);
  t.same(readdirSync(dirname(path)), []);
});

test('a transaction that another program left unfinished is rolled back', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [['a', 1]]);
  const program = `
    import Database from 'better-sqlite3';
    const database = new Database(process.argv[1]);
    database.pragma('cache_size = 2'); // So that pages are written before the end.
    database.exec('BEGIN');
    const insert = database.prepare('INSERT INTO numbers VALUES (?, 1)');
    for (let i = 0; i < 20000; i++) insert.run('key' + i);
    process.kill(process.pid, 'SIGKILL');
  `;
  await nodeProgram(t, program, path).exit;
  t.ok((contentsOf(dirname(path))['numbers.db-journal'] ?? '').length > 0, 'its journal is there');
  const { store } = await opened(t, path);
  t.same([...(await load(store))], [['a', 1]]);
});
