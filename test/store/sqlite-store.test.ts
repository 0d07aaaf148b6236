import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { test } from 'tap';
import { INT64_MAX, INT64_MIN } from '../../dist/engine/int64.js';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import type { Slice } from '../../dist/store/store.js';
import type { Table, Value } from '../../dist/store/table.js';
import { nodeProgram } from '../node-process.js';
import { holdsAsync } from '../property.js';
import { withDatabase } from './connection.js';
import { batchOf, begun, columnsOf, fileIn, load, makeSeedFile, type Rows, rowsOf } from './store-file.js';

test('every 64-bit integer comes back as it was', async (t) => {
  const path = fileIn(t);
  const safe = Number.MAX_SAFE_INTEGER;
  const values: Value[] = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, safe, -safe, 2n ** 53n, -(2n ** 53n), INT64_MAX, INT64_MIN];
  for (const power of [50, 51, 52]) values.push(2 ** power, 2 ** power + 1, 2 ** power - 1, -(2 ** power), -(2 ** power) - 1);
  values.push(2n ** 53n + 1n, INT64_MAX - 1n, INT64_MIN + 1n);
  const first = await begun(t, path);
  await first.store.commit(
    batchOf(
      1,
      values.map((value) => [`${value}`, value]),
    ),
  );
  await first.close(1);
  const { store } = await begun(t, path);
  const loaded = await load(store);
  for (const value of values) t.equal(loaded.get(`${value}`), value, `${value}`);
  t.equal(loaded.size, values.length);
});

test('any rows come back as they were', async (t) => {
  const { store } = await begun(t, fileIn(t));
  const key = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom('__proto__', "'; DROP TABLE numbers; --", '👍'),
  );
  const value = fc.bigInt(INT64_MIN, INT64_MAX).map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
  const expected = new Map<string, Value>();
  await holdsAsync(
    t,
    fc.asyncProperty(fc.array(fc.tuple(key, value), { maxLength: 200, size: 'max' }), async (rows) => {
      const unique = new Map(rows);
      for (const [key, value] of unique) expected.set(key, value);
      await store.commit(batchOf(1, [...unique]));
      const loaded = await load(store);
      return loaded.size === expected.size && [...expected].every(([key, value]) => loaded.get(key) === value);
    }),
    50,
  );
});

test('a column of integers can be a typed array, and its row comes back the same', async (t) => {
  const columns = ['id', 'points', 'at'].map((name) => ({ name, type: 'integer' }) as const);
  const table: Table = { name: 'typed', columns, key: ['id'] };
  const { store } = await begun(t, fileIn(t), [table]);
  const ids = Uint32Array.from({ length: 200 }, (_, i) => 2 ** 32 - 1 - i);
  const at = new Float64Array(200).fill(1_596_128_973_000);
  const deleted = columnsOf([], 1);
  const slices: Slice[] = [{ table: 'typed', length: 200, columns: [ids, new Uint8Array(200).fill(255), at], deleted }];
  await store.commit({ seq: 1, next: () => slices.shift(), seal: () => 1 });
  const expected = [...ids].map((id) => [id, 255, 1_596_128_973_000]);
  t.same(await rowsOf(store, table), expected);
});

test('a batch of many slices is written whole', async (t) => {
  const { store } = await begun(t, fileIn(t));
  const rows: Rows = Array.from({ length: 20_011 }, (_, number) => [`key${number}`, number]);
  await store.commit(batchOf(20_011, rows));
  const loaded = await load(store);
  t.equal(loaded.size, rows.length);
  t.ok(rows.every(([key, value]) => loaded.get(key) === value));
});

test('batches to a file that is larger than the page cache are written whole, whatever their order', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  const COUNT = 140_000;
  const keyOf = (number: number) => `${'key'.repeat(30)}${(number * 7_919) % COUNT}`;
  const rows = (plus: number): [string, Value][] => Array.from({ length: COUNT }, (_, number) => [keyOf(number), number + plus]);
  await store.commit(batchOf(1, rows(0)));
  t.ok(statSync(path).size + statSync(`${path}-wal`).size > 16 * 2 ** 20);
  await store.commit(batchOf(2, rows(1)));
  const batch = batchOf(3, rows(2));
  const nowhere = [{ table: 'none', ...columnsOf([['a', 1]]), deleted: columnsOf([], 1) }];
  await t.rejects(store.commit({ ...batch, next: (rowsMax) => batch.next(rowsMax) ?? nowhere.pop() }), /no table none/);
  await store.commit(batchOf(3, [['last', -1]]));
  const loaded = await load(store);
  t.equal(loaded.size, COUNT + 1);
  t.ok(
    rows(1).every(([key, value]) => loaded.get(key) === value),
    'nothing is left of the batch that failed',
  );
  t.equal(loaded.get('last'), -1);
});

test('who looks sees that a commit is done before the news of it can come', async (t) => {
  const { store } = await begun(t, fileIn(t));
  for (const seq of [1, 2, 3]) {
    let isDone = false;
    const commit = store.commit(batchOf(seq, [['a', seq]])).then(() => {
      isDone = true;
    });
    const endMs = performance.now() + 10_000;
    // No turn of the event loop ends here, so that no message arrives.
    while (!isDone && performance.now() < endMs) {
      store.look();
      await Promise.resolve();
    }
    t.equal(isDone, true);
    await commit;
    t.equal((await load(store)).get('a'), seq, 'what is asked next has its own answer');
  }
  await t.rejects(store.commit(batchOf(4, [['a', { not: 'a value' } as unknown as Value]])));
  store.look();
  await store.commit(batchOf(4, [['a', 4]]));
  t.equal((await load(store)).get('a'), 4);
});

test('the same rows committed twice change nothing', async (t) => {
  const { store } = await begun(t, fileIn(t));
  const rows: Rows = [
    ['a', 1],
    ['b', 2],
  ];
  await store.commit(batchOf(2, rows));
  await store.commit(batchOf(2, rows));
  t.same([...(await load(store))], rows);
});

test('a raised ceiling is on disk at once, and the next batch brings its own', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  const ceiling = () =>
    withDatabase(path, (database) => database.prepare('SELECT ceiling_seq FROM incrementer_state').pluck().get());
  await store.commit(batchOf(1, [['a', 1]]));
  t.equal(store.raise(500, 30_000), true);
  t.equal(ceiling(), 500);
  t.equal(store.raise(400, 30_000), true);
  t.equal(ceiling(), 500, 'a raise puts it up, never down');
  await store.commit(batchOf(2, [['a', 2]]));
  t.equal(ceiling(), 2);
});

test('a raise that the file does not take is no raise', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  t.equal(store.raise(500, 30_000), false);
  t.equal(store.raise(501, 1), false, 'or none in time');
  other.exec('ROLLBACK');
  t.equal(store.raise(502, 30_000), true);
});

test('what is deleted is gone, in the same batch as what is put', async (t) => {
  const { store } = await begun(t, fileIn(t));
  const rows: Rows = Array.from({ length: 200 }, (_, number) => [`key${number}`, number]);
  await store.commit(batchOf(200, rows));
  const deleted = rows.slice(0, 150).map(([key]) => key);
  const keys = columnsOf([...deleted, 'never there'].map((key) => [key]));
  const slices = [{ table: 'numbers', length: 1, columns: [['new'], [7]], deleted: keys }];
  await store.commit({ seq: 201, next: () => slices.shift(), seal: () => 201 });
  const loaded = await load(store);
  t.equal(loaded.size, 51);
  t.equal(loaded.get('new'), 7);
  t.notOk(deleted.some((key) => loaded.has(key)));
});

test('a batch without rows still writes its seq and its ceiling', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  await store.commit(batchOf(7, [], 1_024));
  const state = withDatabase(path, (database) => database.prepare('SELECT seq, ceiling_seq, clean FROM incrementer_state').get());
  t.same(state, { seq: 7, ceiling_seq: 1_024, clean: 0 });
});

test('a batch is committed once it was sealed: what the seal says is what is on disk', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  const sealed: unknown[] = [];
  const batch = batchOf(3, [['a', 1]]);
  await store.commit({
    ...batch,
    seal() {
      sealed.push(withDatabase(path, (database) => database.prepare('SELECT count(*) FROM numbers').pluck().get()));
      return 99;
    },
  });
  t.same(sealed, [0], 'it is sealed once, before the rows can be seen');
  t.equal(
    withDatabase(path, (database) => database.prepare('SELECT ceiling_seq FROM incrementer_state').pluck().get()),
    99,
  );
});

test('whoever stops taking rows can still close the store', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, []);
  withDatabase(path, (database) => {
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO numbers SELECT 'key' || i, i FROM n`);
  });
  const { store, close } = await begun(t, path);
  const enough = new Error('enough');
  const stopped = store.load(NUMBERS, () => {
    throw enough;
  });
  await t.rejects(stopped, enough);
  await t.resolves(close());
});

test('other processes can read the file while it is open', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  await store.commit(batchOf(1, [['a', 42]]));
  const program = `
    import Database from 'better-sqlite3';
    console.log(new Database(process.argv[1], { readonly: true }).prepare("SELECT value FROM numbers WHERE key = 'a'").pluck().get());
  `;
  const reader = nodeProgram(t, program, path);
  t.same(await reader.exit, { code: 0, signal: null });
  t.equal(reader.stdout, '42\n');
});

test('a commit that fails leaves nothing of its batch behind, and the next one works', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  await store.commit(batchOf(1, [['a', 1]]));
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const rows: Rows = Array.from({ length: 30_000 }, (_, number) => [`key${number}`, number]);
  await t.rejects(store.commit(batchOf(30_001, rows)), { code: 'SQLITE_BUSY' });
  await t.rejects(store.commit(batchOf(30_001, [])), { code: 'SQLITE_BUSY' });
  other.exec('ROLLBACK');
  t.equal((await load(store)).size, 1);
  await store.commit(batchOf(30_001, rows));
  t.equal((await load(store)).size, 30_001);
});

test('a batch that fails in the middle is rolled back whole', async (t) => {
  const { store } = await begun(t, fileIn(t));
  // Others of its slices are under way when one fails, and they must not begin it anew.
  for (const faulty of [15_000, 100]) {
    const rows: [string, Value][] = Array.from({ length: 20_000 }, (_, number) => [`key${number}`, number]);
    rows[faulty] = ['faulty', { not: 'a value' } as unknown as Value];
    await t.rejects(store.commit(batchOf(20_000, rows)));
    await store.commit(batchOf(20_000, [['a', faulty]]));
    t.same([...(await load(store))].slice(0, 3), [['a', faulty]]);
  }
});
