import { copyFileSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'tap';
import { SCHEMA_VERSION } from '../../dist/store/sqlite/schema.js';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { contentsOf } from '../store/directory.js';
import { makeSeedFile } from '../store/store-file.js';
import { command, countedFile, fails, fileIn, post } from './command.js';

const NO_DRAINS = ['--sync-interval', '1h'];
const CANT_BE_READ = 2;

test('verify says of a sound file what is in it, and changes nothing', async (t) => {
  const db = await countedFile(t, { a: 1, b: 2 });
  const before = contentsOf(dirname(db));
  t.same(await command(t, ['verify', db]), {
    code: 0,
    stderr: '',
    stdout: [
      `schema   version ${SCHEMA_VERSION}`,
      'table    numbers: 2 rows',
      'table    incrementer_windows: 0 rows',
      'table    incrementer_sources: 0 rows',
      'table    incrementer_idempotency: 0 rows',
      'table    incrementer_users: 0 rows',
      'table    points_state: none',
      'table    points_users: none',
      'state    every write up to seq 2 is in it; the last run stopped cleanly',
      `verdict  ${db} is sound\n`,
    ].join('\n'),
  });
  t.same(contentsOf(dirname(db)), before);
});

test('verify --json prints one object', async (t) => {
  const db = await countedFile(t, { a: 1 });
  const { code, stdout } = await command(t, ['verify', '--json', db]);
  t.equal(code, 0);
  t.same(JSON.parse(stdout), {
    file: db,
    sound: true,
    faults: [],
    schema_version: SCHEMA_VERSION,
    state: { seq: 1, ceiling_seq: 1, clean: true },
    rows: {
      numbers: 1,
      incrementer_windows: 0,
      incrementer_sources: 0,
      incrementer_idempotency: 0,
      incrementer_users: 0,
      points_state: null,
      points_users: null,
    },
  });
});

test("verify reads a running server's file, and its log", async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await post(server, '/increment', { key: 'a', durability: 'disk' });
  await post(server, '/increment', { key: 'in-memory' });
  const { code, stdout } = await command(t, ['verify', '--json', server.db]);
  t.equal(code, 0);
  const { state, rows } = JSON.parse(stdout) as { state: { seq: number; ceiling_seq: number; clean: boolean }; rows: object };
  t.match(rows, { numbers: 1 });
  t.match(state, { seq: 1, clean: false });
  t.ok(state.ceiling_seq >= 2, 'what is in memory is below the ceiling');
  t.match((await command(t, ['verify', server.db])).stdout, /a server runs, or did not stop cleanly: at most \d+ later ones/);
  t.same((await server.increment('a')).body, { key: 'a', value: 2, seq: 3 }, 'the server goes on');
});

test("verify leaves a killed server's file and log to the next start", async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await post(server, '/increment', { key: 'a', durability: 'disk' });
  server.signal('SIGKILL');
  await server.exit;
  const [size, log] = [readFileSync(server.db), readFileSync(`${server.db}-wal`)];
  t.equal((await command(t, ['verify', server.db])).code, 0);
  t.ok(readFileSync(server.db).equals(size) && readFileSync(`${server.db}-wal`).equals(log));
});

test('a file of the seed is sound', async (t) => {
  const db = fileIn(t);
  makeSeedFile(db, [['a', 1]]);
  const { code, stdout } = await command(t, ['verify', '--json', db]);
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    sound: true,
    schema_version: null,
    state: null,
    rows: { numbers: 1, incrementer_windows: null },
  });
});

test('what is wrong with a file is told, and the status is 1', async (t) => {
  const damages: [statement: string, fault: RegExp][] = [
    ["INSERT INTO numbers VALUES ('bad', 'many')", /numbers has a row that is not .*'bad', 'many'/],
    ["INSERT INTO numbers VALUES ('bad', 1.5)", /numbers has a row that is not .*'bad', 1\.5/],
    ["INSERT INTO incrementer_windows VALUES ('bad', NULL)", /incrementer_windows has a row that is not .*NULL/],
    ['DROP TABLE numbers', /the table numbers is missing/],
    ['DROP INDEX numbers_key_index', /a table numbers that is not ours/],
    ['ALTER TABLE incrementer_sources RENAME COLUMN total TO sum', /a table incrementer_sources that is not ours/],
    ['UPDATE incrementer_state SET ceiling_seq = 0', /the state is impossible: seq 1, ceiling_seq 0/],
    ['UPDATE incrementer_state SET ceiling_seq = 9', /says of a clean stop that something was pending/],
    ['DELETE FROM incrementer_state', /a table incrementer_state that is not ours/],
  ];
  const sound = await countedFile(t, { a: 1 });
  for (const [i, [statement, fault]] of damages.entries()) {
    const db = join(dirname(sound), `${i}.db`);
    copyFileSync(sound, db);
    withDatabase(db, (database) => database.exec(statement));
    const { code, stdout, stderr } = await command(t, ['verify', '--json', db]);
    t.same({ code, stderr }, { code: 1, stderr: '' }, statement);
    t.match(JSON.parse(stdout), { sound: false, faults: [fault] }, statement);
    t.match((await command(t, ['verify', db])).stdout, /^fault {4}(.*\n)+verdict {2}.* is not sound$/m);
  }
});

test('an index that does not fit its table is found', async (t) => {
  const db = fileIn(t);
  makeSeedFile(
    db,
    Array.from({ length: 2_000 }, (_, i) => [`key${i}`, i] as const),
  );
  // The key is in the file twice: in the table, and in the index.
  writeSync(openSync(db, 'r+'), 'kez1999', readFileSync(db).lastIndexOf('key1999'));
  const { code, stdout } = await command(t, ['verify', '--json', db]);
  t.equal(code, 1);
  t.match(JSON.parse(stdout), { faults: [/numbers_key_index|out of order/] });
});

test('a damaged file is not sound', async (t) => {
  const db = fileIn(t);
  makeSeedFile(
    db,
    Array.from({ length: 2_000 }, (_, i) => [`key${i}`, i] as const),
  );
  writeSync(openSync(db, 'r+'), Buffer.alloc(4_096, 0xa5), 0, 4_096, 2 * 4_096);
  const { code, stdout } = await command(t, ['verify', '--json', db]);
  t.equal(code, 1);
  t.equal((JSON.parse(stdout) as { sound: boolean }).sound, false);
});

test('what can not be read ends with the status 2', async (t) => {
  const newer = await countedFile(t, { a: 1 });
  const directory = dirname(newer);
  writeFileSync(join(directory, 'text.db'), 'precious text');
  mkdirSync(join(directory, 'folder'));
  withDatabase(newer, (database) => database.exec('UPDATE incrementer_state SET schema_version = 1000'));
  const locked = join(directory, 'locked.db');
  makeSeedFile(locked, [['a', 1]]);
  const lock = new Database(locked);
  t.teardown(() => lock.close());
  lock.exec('BEGIN EXCLUSIVE');
  for (const [path, line] of [
    [join(directory, 'none.db'), /none\.db does not exist/],
    [join(directory, 'text.db'), /is not a SQLite database/],
    [join(directory, 'folder'), /is not a file/],
    [newer, /newer version/],
    [locked, /is locked by another process/],
  ] as const) {
    await fails(t, ['verify', path], line, {}, CANT_BE_READ);
  }
  t.equal(readFileSync(join(directory, 'text.db'), 'utf8'), 'precious text');
  t.equal(statSync(join(directory, 'none.db'), { throwIfNoEntry: false }), undefined);
});
