import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { type Test, test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { SCHEMA_VERSION } from '../../dist/store/sqlite/schema.js';
import { SqliteStore } from '../../dist/store/sqlite/sqlite-store.js';
import { StoreRefusal } from '../../dist/store/store.js';
import { nodeProgram } from '../node-process.js';
import { withDatabase } from './connection.js';
import { contentsOf } from './directory.js';
import { holder } from './holder.js';
import { begun, fileIn, makeSeedFile, SEED_INDEX, SEED_TABLE } from './store-file.js';

const PAGE_BYTES = 4_096;
const NEWER = SCHEMA_VERSION + 1;
const PUT_NEWER = `UPDATE incrementer_state SET schema_version = ${NEWER}`;

/** Starts on a file as far as the beginning of a run, and returns why that was refused. */
async function refusal(path: string): Promise<unknown> {
  const store = new SqliteStore(path, [NUMBERS]);
  try {
    await store.open();
    await store.load(NUMBERS, () => undefined);
    await store.begin();
    return 'it is not refused';
  } catch (error) {
    return error;
  } finally {
    await store.close(undefined);
  }
}

/** Asserts that a file is refused, that every byte of its directory stays, and that nothing comes into it. */
async function refuses(t: Test, path: string, code: string, message: RegExp, what?: string): Promise<void> {
  const before = contentsOf(dirname(path));
  const error = await refusal(path);
  t.same(contentsOf(dirname(path)), before, `${what ?? code}: the directory is as it was`);
  t.ok(error instanceof StoreRefusal, `${what ?? code}: refused`);
  if (!(error instanceof StoreRefusal)) throw error;
  t.equal(error.code, code);
  t.match(error.message, message);
  t.notMatch(error.message, /\n/, 'one line');
}

/** Has a process change a file in WAL mode and end there and then: its log stays beside the file. */
async function crashAfter(t: Test, path: string, statement: string): Promise<void> {
  const program = `
    import Database from 'better-sqlite3';
    const database = new Database(process.argv[1]);
    database.pragma('journal_mode = WAL');
    database.exec(process.argv[2]);
    process.kill(process.pid, 'SIGKILL');
  `;
  await nodeProgram(t, program, path, statement).exit;
  t.ok((contentsOf(dirname(path))['numbers.db-wal'] ?? '').length > 0, 'a log is there');
}

/** Overwrites one page of a file, counted from 1 as SQLite does. */
function damage(path: string, page: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(file);
}

test('a file that is no database is refused', async (t) => {
  const texts = ['x', 'key,value\nabcdef,1\n', 'x'.repeat(100), 'x'.repeat(512), 'x'.repeat(PAGE_BYTES * 2)];
  for (const text of texts) {
    const path = fileIn(t);
    writeFileSync(path, text);
    await refuses(t, path, 'not-a-database', /is not a SQLite database/, `${text.length} bytes`);
  }
});

test('a file that was a database and is none any more is refused', async (t) => {
  for (const text of ['x', 'x'.repeat(100), 'x'.repeat(PAGE_BYTES)]) {
    const path = fileIn(t);
    await (await begun(t, path)).close(0);
    writeFileSync(path, text);
    await refuses(t, path, 'not-a-database', /is not a SQLite database/, `${text.length} bytes`);
  }
});

test('a file that is no database is refused with what is beside it', async (t) => {
  const path = fileIn(t);
  for (const suffix of ['', '-wal', '-journal', '-lock.txt']) writeFileSync(`${path}${suffix}`, 'precious text'.repeat(100));
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
  const error = await refusal(path);
  t.match(error, { code: 'not-a-database', message: /is not a file/ });
  t.same(contentsOf(path), {});
});

test('a directory that does not exist is refused and not made', async (t) => {
  const directory = t.testdir({});
  t.match(await refusal(join(directory, 'missing', 'numbers.db')), { code: 'no-directory', message: /does not exist/ });
  t.same(contentsOf(directory), {});
});

test('a link that leads nowhere is refused', async (t) => {
  const directory = t.testdir({
    'circle.db': t.fixture('symlink', 'circle.db'),
    'astray.db': t.fixture('symlink', 'missing/numbers.db'),
  });
  t.match(await refusal(join(directory, 'circle.db')), { code: 'unusable' });
  t.match(await refusal(join(directory, 'astray.db')), { code: 'no-directory' });
});

test('a file that may not be written is refused', { skip: process.getuid === undefined }, async (t) => {
  // As root everything may be written: the process becomes somebody else first.
  const program = `
    import { SqliteFile } from './dist/store/sqlite/file.js';
    import { NUMBERS } from './dist/services/counters/counter.js';
    if (process.getuid() === 0) process.setuid(65534);
    try {
      new SqliteFile(process.argv[1], [NUMBERS]).begin();
    } catch ({ code, message }) {
      console.log(code, message);
    }
  `;
  for (const [fileMode, directoryMode] of [
    [0o444, 0o777],
    [0o666, 0o555],
  ] as const) {
    const path = join(mkdtempSync(join(tmpdir(), 'incrementer-')), 'numbers.db');
    t.teardown(() => rmSync(dirname(path), { recursive: true }));
    makeSeedFile(path, [['a', 1]]);
    chmodSync(path, fileMode);
    chmodSync(dirname(path), directoryMode);
    const before = contentsOf(dirname(path));
    const start = nodeProgram(t, program, path);
    await start.exit;
    t.equal(start.stdout, `not-writable ${path} is not writable\n`, start.stderr);
    t.same(contentsOf(dirname(path)), before);
  }
});

test('a newer schema is refused', async (t) => {
  const path = fileIn(t);
  await (await begun(t, path)).close(0);
  withDatabase(path, (database) => database.exec(PUT_NEWER));
  await refuses(t, path, 'newer-schema', new RegExp(`newer version: its schema is ${NEWER}, this one knows ${SCHEMA_VERSION}$`));
});

test('a newer schema that is in the log of a crash only is refused, and the log stays', async (t) => {
  const path = fileIn(t);
  await (await begun(t, path)).close(0);
  await crashAfter(t, path, PUT_NEWER);
  await refuses(t, path, 'newer-schema', new RegExp(`its schema is ${NEWER}`));
});

test('a newer schema is refused whatever else it has made of its state', async (t) => {
  const path = fileIn(t);
  withDatabase(path, (database) => {
    database.exec('CREATE TABLE incrementer_state (schema_version INTEGER, run TEXT)');
    database.exec(`INSERT INTO incrementer_state VALUES (${NEWER}, 'x')`);
  });
  await refuses(t, path, 'newer-schema', new RegExp(`its schema is ${NEWER}`));
});

test('a table of ours of another shape is refused', async (t) => {
  const shapes = [
    ['no unique index', SEED_TABLE],
    ['other columns', 'CREATE TABLE numbers (name TEXT PRIMARY KEY, total INTEGER)'],
    ['a view', 'CREATE VIEW numbers AS SELECT 1 AS key, 2 AS value'],
    ['no state', `${SEED_TABLE}; ${SEED_INDEX}; CREATE TABLE incrementer_state (id)`],
    ['a state of text', "CREATE TABLE incrementer_state AS SELECT 1 AS schema_version, 0 AS seq, 'x' AS ceiling_seq, 1 AS clean"],
    ['a state that lacks something', 'CREATE TABLE incrementer_state AS SELECT 1 AS schema_version, 0 AS seq, 1 AS clean'],
  ] as const;
  for (const [what, statements] of shapes) {
    const path = fileIn(t);
    withDatabase(path, (database) => database.exec(statements));
    await refuses(t, path, 'other-schema', /a table (numbers|incrementer_state) that is not ours/, what);
  }
});

test('a table of another program that has crashed is refused, and the log stays', async (t) => {
  const path = fileIn(t);
  await crashAfter(t, path, 'CREATE TABLE numbers (name TEXT PRIMARY KEY, total INTEGER)');
  await refuses(t, path, 'other-schema', /a table numbers that is not ours/);
});

test('a row that is not of the types of its table is refused', async (t) => {
  const faulty = [
    ['text for a value', "INSERT INTO numbers VALUES ('k', 'many')"],
    ['a fraction for a value', "INSERT INTO numbers VALUES ('k', 1.5)"],
    ['no value', "INSERT INTO numbers VALUES ('k', NULL)"],
    ['no key', 'INSERT INTO numbers VALUES (NULL, 1)'],
    ['bytes for a key', "INSERT INTO numbers VALUES (x'6b', 1)"],
  ] as const;
  for (const [what, statement] of faulty) {
    const path = fileIn(t);
    makeSeedFile(path, [['a', 1]]);
    withDatabase(path, (database) => database.exec(statement));
    await refuses(t, path, 'bad-row', /has a row that is not \(key text, value integer\)/, what);
  }
});

test('a bad row in the log of a crash is refused, and the log stays', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [['a', 1]]);
  await crashAfter(t, path, "INSERT INTO numbers VALUES ('k', 'many')");
  await refuses(t, path, 'bad-row', /'k', 'many'/);
});

test('a damaged file is refused, wherever the damage is found', async (t) => {
  const rows = Array.from({ length: 1_000 }, (_, i) => [`key${i}`, i] as const);
  for (const [what, page] of [
    ['the root of the table', 2],
    ['a leaf of it', 5],
  ] as const) {
    const path = fileIn(t);
    makeSeedFile(path, rows);
    damage(path, page);
    await refuses(t, path, 'corrupt', /is damaged/, what);
  }
  const path = fileIn(t);
  makeSeedFile(path, rows);
  withDatabase(path, (database) => {
    database.unsafeMode();
    database.pragma('writable_schema = ON');
    database.exec("UPDATE sqlite_schema SET sql = 'CREATE nothing' WHERE name = 'numbers'");
  });
  await refuses(t, path, 'corrupt', /is damaged/, 'the schema');
});

test('a file that another server has is refused', async (t) => {
  const path = fileIn(t);
  const first = await holder(t, path, { begins: true, batch: { rows: [['a', 1]], seq: 1, ceilingSeq: 1 } });
  await refuses(t, path, 'in-use', new RegExp(`in use by process ${first.child.pid}$`));
});

test('a file that another process has locked is refused', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [['a', 1]]);
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  await refuses(t, path, 'in-use', /locked by another process/);
});

test('beside the log of a crash whose index is gone comes the index, and nothing else', async (t) => {
  const path = fileIn(t);
  await (await begun(t, path)).close(0);
  await crashAfter(t, path, PUT_NEWER);
  rmSync(`${path}-shm`);
  const before = contentsOf(dirname(path));
  t.match(await refusal(path), { code: 'newer-schema' });
  t.same(contentsOf(dirname(path)), { ...before, 'numbers.db-shm': 'scratch' });
});
