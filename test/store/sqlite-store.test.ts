import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { INT64_MAX, INT64_MIN } from '../../dist/engine/int64.js';
import { NUMBERS } from '../../dist/services/counters/counters.js';
import { SqliteStore } from '../../dist/store/sqlite/sqlite-store.js';
import type { Batch, StoreState } from '../../dist/store/store.js';
import { StoreRefusal } from '../../dist/store/store.js';
import type { Value } from '../../dist/store/table.js';
import { nodeProgram } from '../node-process.js';
import { holdsAsync } from '../property.js';
import { withDatabase } from './connection.js';

const SEED_TABLE = 'CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)';
const SEED_INDEX = 'CREATE UNIQUE INDEX numbers_key_index ON numbers (key)';

type Rows = readonly (readonly [key: string, value: Value])[];

/** A batch of NUMBERS, handed out in slices as large as they are asked for. */
function batchOf(seq: number, rows: Rows, ceilingSeq = seq): Batch {
  let from = 0;
  return {
    seq,
    next(rowsMax) {
      const part = rows.slice(from, from + rowsMax);
      from += part.length;
      if (part.length === 0) return undefined;
      return {
        table: 'numbers',
        length: part.length,
        columns: [part.map(([key]) => key), part.map(([, value]) => value)],
        deleted: [],
      };
    },
    seal: () => ceilingSeq,
  };
}

/** A new store on the file, closed at the end of the test if the test does not. */
async function open(
  t: Test,
  path: string,
): Promise<{ store: SqliteStore; state: StoreState; close(seq?: number): Promise<void> }> {
  const store = new SqliteStore(path, [NUMBERS]);
  let open = true;
  const close = async (seq?: number) => {
    if (open) await store.close(seq);
    open = false;
  };
  t.teardown(() => close());
  return { store, state: await store.open(), close };
}

async function load(store: SqliteStore): Promise<Map<string, Value>> {
  const loaded = new Map<string, Value>();
  const count = await store.load(NUMBERS, ({ length, columns }) => {
    for (let row = 0; row < length; row++) loaded.set(columns[0]?.[row] as string, columns[1]?.[row] as Value);
  });
  if (count !== loaded.size) throw new Error(`${loaded.size} rows came, and ${count} were counted`);
  return loaded;
}

function fileIn(t: Test): string {
  return join(t.testdir(), 'numbers.db');
}

function makeSeedFile(path: string, rows: Rows): void {
  withDatabase(path, (database) => {
    database.pragma('journal_mode = DELETE');
    database.exec(SEED_TABLE);
    database.exec(SEED_INDEX);
    const insert = database.prepare('INSERT INTO numbers VALUES (?, ?)');
    for (const row of rows) insert.run(row);
  });
}

/** Asserts that the file is refused with a code, and that every byte of it stays. */
async function refuses(t: Test, path: string, code: string, message: RegExp): Promise<void> {
  const before = existsSync(path) ? readFileSync(path) : undefined;
  const store = new SqliteStore(path, [NUMBERS]);
  const error = await store.open().then(
    () => undefined,
    (error: unknown) => error,
  );
  await store.close(undefined);
  t.ok(error instanceof StoreRefusal, 'it is refused');
  if (!(error instanceof StoreRefusal)) return;
  t.equal(error.code, code);
  t.match(error.message, message);
  t.notMatch(error.message, /\n/, 'one line');
  if (before !== undefined) t.ok(readFileSync(path).equals(before), 'the file is as it was');
  for (const suffix of ['-wal', '-shm', '-journal']) t.notOk(existsSync(`${path}${suffix}`), `nothing is left in ${suffix}`);
}

test('a fresh file has the schema of the seed, to the letter', async (t) => {
  const path = fileIn(t);
  const { state, close } = await open(t, path);
  t.same(state, { seq: 0, ceilingSeq: 0, clean: true });
  await close(0);
  const statements = withDatabase(path, (database) => {
    return database.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'numbers' ORDER BY type DESC").pluck().all();
  });
  t.same(statements, [SEED_TABLE, SEED_INDEX]);
});

test('a file that the seed made opens as it is and goes on', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [
    ['abcdef', 41],
    ['ü', -7],
  ]);
  const first = await open(t, path);
  t.same(first.state, { seq: 0, ceilingSeq: 0, clean: true });
  t.same(
    [...(await load(first.store))],
    [
      ['abcdef', 41],
      ['ü', -7],
    ],
  );
  await first.store.commit(batchOf(1, [['abcdef', 42]]));
  await first.close(1);
  const schema = withDatabase(path, (database) =>
    database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'numbers'").pluck().get(),
  );
  t.equal(schema, SEED_TABLE);
  const second = await open(t, path);
  t.equal((await load(second.store)).get('abcdef'), 42);
});

test('a file of zero bytes is a fresh one', async (t) => {
  const path = fileIn(t);
  writeFileSync(path, '');
  const { store } = await open(t, path);
  await store.commit(batchOf(1, [['a', 1]]));
  t.equal((await load(store)).get('a'), 1);
});

test('every 64-bit integer comes back as it was', async (t) => {
  const path = fileIn(t);
  const safe = Number.MAX_SAFE_INTEGER;
  const values: Value[] = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, safe, -safe, 2n ** 53n, -(2n ** 53n), INT64_MAX, INT64_MIN];
  for (const power of [50, 51, 52]) values.push(2 ** power, 2 ** power + 1, 2 ** power - 1, -(2 ** power), -(2 ** power) - 1);
  values.push(2n ** 53n + 1n, INT64_MAX - 1n, INT64_MIN + 1n);
  const first = await open(t, path);
  await first.store.commit(
    batchOf(
      1,
      values.map((value) => [`${value}`, value]),
    ),
  );
  await first.close(1);
  const { store } = await open(t, path);
  const loaded = await load(store);
  for (const value of values) t.equal(loaded.get(`${value}`), value, `${value}`);
  t.equal(loaded.size, values.length);
});

test('any rows come back as they were', async (t) => {
  const { store } = await open(t, fileIn(t));
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

test('a batch of many slices is written whole', async (t) => {
  const { store } = await open(t, fileIn(t));
  const rows: Rows = Array.from({ length: 20_011 }, (_, number) => [`key${number}`, number]);
  await store.commit(batchOf(20_011, rows));
  const loaded = await load(store);
  t.equal(loaded.size, rows.length);
  t.ok(rows.every(([key, value]) => loaded.get(key) === value));
});

test('the same rows committed twice change nothing', async (t) => {
  const { store } = await open(t, fileIn(t));
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
  const { store } = await open(t, path);
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
  const { store } = await open(t, path);
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  t.equal(store.raise(500, 30_000), false);
  t.equal(store.raise(501, 1), false, 'or none in time');
  other.exec('ROLLBACK');
  t.equal(store.raise(502, 30_000), true);
});

test('what is deleted is gone, in the same batch as what is put', async (t) => {
  const { store } = await open(t, fileIn(t));
  const rows: Rows = Array.from({ length: 200 }, (_, number) => [`key${number}`, number]);
  await store.commit(batchOf(200, rows));
  const deleted = rows.slice(0, 150).map(([key]) => key);
  const slices = [{ table: 'numbers', length: 1, columns: [['new'], [7]], deleted: [...deleted, 'never there'] }];
  await store.commit({ seq: 201, next: () => slices.shift(), seal: () => 201 });
  const loaded = await load(store);
  t.equal(loaded.size, 51);
  t.equal(loaded.get('new'), 7);
  t.notOk(deleted.some((key) => loaded.has(key)));
});

test('a batch without rows still writes its seq and its ceiling', async (t) => {
  const path = fileIn(t);
  const { store } = await open(t, path);
  await store.commit(batchOf(7, [], 1_024));
  const state = withDatabase(path, (database) => database.prepare('SELECT seq, ceiling_seq, clean FROM incrementer_state').get());
  t.same(state, { seq: 7, ceiling_seq: 1_024, clean: 0 });
});

test('a batch is committed once it was sealed: what the seal says is what is on disk', async (t) => {
  const path = fileIn(t);
  const { store } = await open(t, path);
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

test('a row that is not of the types of its table is refused', async (t) => {
  const faulty: [string, string][] = [
    ['text for a value', "INSERT INTO numbers VALUES ('k', 'many')"],
    ['a fraction for a value', "INSERT INTO numbers VALUES ('k', 1.5)"],
    ['no value', "INSERT INTO numbers VALUES ('k', NULL)"],
    ['no key', 'INSERT INTO numbers VALUES (NULL, 1)'],
    ['bytes for a key', "INSERT INTO numbers VALUES (x'6b', 1)"],
  ];
  for (const [what, statement] of faulty) {
    const path = join(t.testdir({}), 'numbers.db');
    makeSeedFile(path, [['a', 1]]);
    withDatabase(path, (database) => database.exec(statement));
    const { store, close } = await open(t, path);
    const error = await load(store).catch((error: unknown) => error);
    t.ok(error instanceof StoreRefusal && error.code === 'bad-row', what);
    await close();
  }
});

test('whoever stops taking rows can still close the store', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, []);
  withDatabase(path, (database) => {
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO numbers SELECT 'key' || i, i FROM n`);
  });
  const { store, close } = await open(t, path);
  const enough = new Error('enough');
  const stopped = store.load(NUMBERS, () => {
    throw enough;
  });
  await t.rejects(stopped, enough);
  await t.resolves(close());
});

test('a file that is no database is refused', async (t) => {
  const path = fileIn(t);
  writeFileSync(path, 'key,value\nabcdef,1\n');
  await refuses(t, path, 'not-a-database', /is not a SQLite database/);
});

test('a file that only begins like a database is refused', async (t) => {
  const path = fileIn(t);
  writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5_000, 0x5a)]));
  await refuses(t, path, 'not-a-database', /is not a SQLite database/);
});

test('a directory is refused', async (t) => {
  const path = fileIn(t);
  mkdirSync(path);
  const store = new SqliteStore(path, [NUMBERS]);
  await t.rejects(store.open(), { code: 'not-a-database' });
  await store.close(undefined);
  t.same(readdirSync(path), []);
});

test('a directory that does not exist is refused and not made', async (t) => {
  const directory = join(t.testdir({}), 'missing');
  await refuses(t, join(directory, 'numbers.db'), 'no-directory', /does not exist/);
  t.notOk(existsSync(directory));
});

test('a newer schema is refused', async (t) => {
  const path = fileIn(t);
  await (await open(t, path)).close(0);
  withDatabase(path, (database) => database.exec('UPDATE incrementer_state SET schema_version = 2'));
  await refuses(t, path, 'newer-schema', /newer version/);
});

test('a table numbers of another shape is refused', async (t) => {
  const shapes = [
    SEED_TABLE, // and no unique index
    'CREATE TABLE numbers (name TEXT PRIMARY KEY, total INTEGER)',
    'CREATE VIEW numbers AS SELECT 1 AS key, 2 AS value',
  ];
  for (const statement of shapes) {
    const path = join(t.testdir({}), 'numbers.db');
    withDatabase(path, (database) => database.exec(statement));
    await refuses(t, path, 'other-schema', /a table numbers that is not ours/);
  }
});

test('a file that another process has locked is refused', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [['a', 1]]);
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  const store = new SqliteStore(path, [NUMBERS]);
  await t.rejects(store.open(), { code: 'in-use' });
  await store.close(undefined);
});

const HOLDER = `
  import { SqliteStore } from './dist/store/sqlite/sqlite-store.js';
  import { NUMBERS } from './dist/services/counters/counters.js';
  const [, path, rows, seq, ceilingSeq] = process.argv;
  const store = new SqliteStore(path, [NUMBERS]);
  await store.open();
  if (rows !== undefined) {
    const [keys, values] = JSON.parse(rows);
    const slices = [{ table: 'numbers', length: keys.length, columns: [keys, values], deleted: [] }];
    await store.commit({ seq: Number(seq), next: () => slices.shift(), seal: () => Number(ceilingSeq) });
  }
  console.log('open');
  setInterval(() => {}, 1000);
`;

test('a second server on the same file is refused for as long as the first one lives', async (t) => {
  const path = fileIn(t);
  const first = nodeProgram(t, HOLDER, path);
  await first.printed('open', ({ stdout }) => stdout.includes('open'));
  const store = new SqliteStore(path, [NUMBERS]);
  await t.rejects(store.open(), { code: 'in-use', message: new RegExp(`in use by process ${first.child.pid}$`) });
  await store.close(undefined);
  first.signal('SIGKILL');
  await first.exit;
  t.equal((await open(t, path)).state.clean, false);
});

test('two names of one file are one file', async (t) => {
  const directory = t.testdir({ 'link.db': t.fixture('symlink', 'numbers.db') });
  await open(t, join(directory, 'numbers.db'));
  const store = new SqliteStore(join(directory, 'link.db'), [NUMBERS]);
  await t.rejects(store.open(), { code: 'in-use' });
  await store.close(undefined);
});

test('a crash leaves what was committed and the bound of what was not, and the next run begins at the bound', async (t) => {
  const path = fileIn(t);
  const first = nodeProgram(t, HOLDER, path, '[["a","b"],[5,6]]', '11', '2000');
  await first.printed('open', ({ stdout }) => stdout.includes('open'));
  first.signal('SIGKILL');
  await first.exit;
  const second = await open(t, path);
  t.same(second.state, { seq: 11, ceilingSeq: 2_000, clean: false });
  t.same(
    [...(await load(second.store))],
    [
      ['a', 5],
      ['b', 6],
    ],
  );
  // It crashes as well, before it wrote anything: what the first one lost is not told again.
  await second.close(undefined);
  const third = await open(t, path);
  t.same(third.state, { seq: 2_000, ceilingSeq: 2_000, clean: false });
});

test('a stop with everything on disk is clean, one without is not', async (t) => {
  const path = fileIn(t);
  const first = await open(t, path);
  await first.store.commit(batchOf(5, [['a', 5]], 1_000));
  await first.close(5);
  const second = await open(t, path);
  t.same(second.state, { seq: 5, ceilingSeq: 5, clean: true });
  await second.store.commit(batchOf(6, [['a', 6]], 1_006));
  await second.close(undefined);
  t.same((await open(t, path)).state, { seq: 6, ceilingSeq: 1_006, clean: false });
});

test('other processes can read the file while it is open', async (t) => {
  const path = fileIn(t);
  const { store } = await open(t, path);
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
  const { store } = await open(t, path);
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
  const { store } = await open(t, fileIn(t));
  // Others of its slices are under way when one fails, and they must not begin it anew.
  for (const faulty of [15_000, 100]) {
    const rows: [string, Value][] = Array.from({ length: 20_000 }, (_, number) => [`key${number}`, number]);
    rows[faulty] = ['faulty', { not: 'a value' } as unknown as Value];
    await t.rejects(store.commit(batchOf(20_000, rows)));
    await store.commit(batchOf(20_000, [['a', faulty]]));
    t.same([...(await load(store))].slice(0, 3), [['a', faulty]]);
  }
});
