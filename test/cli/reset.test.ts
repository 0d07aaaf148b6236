import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';

function reset(t: Test, ...args: string[]): NodeProcess {
  return new NodeProcess(t, [EXECUTABLE, 'reset', ...args]);
}

/** A file that a server has counted in, and that it has closed. */
async function countedFile(t: Test): Promise<string> {
  const db = join(t.testdir({}), 'numbers.db');
  const server = await ServerProcess.serving(t, db);
  await server.increment('a', 5);
  server.signal('SIGTERM');
  await server.exit;
  return db;
}

test('reset --yes puts the file back to a fresh state', async (t) => {
  const db = await countedFile(t);
  const process = reset(t, '--db', db, '--yes');
  t.same(await process.exit, { code: 0, signal: null });
  t.equal(process.stderr, '');
  withDatabase(db, (database) => {
    t.equal(database.prepare('SELECT count(*) FROM numbers').pluck().get(), 0);
    t.same(database.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'numbers' ORDER BY type DESC").pluck().all(), [
      'CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)',
      'CREATE UNIQUE INDEX numbers_key_index ON numbers (key)',
    ]);
  });
  const server = await ServerProcess.serving(t, db);
  t.same((await server.increment('a')).body, { key: 'a', value: 1, seq: 1 });
});

test('reset without --yes asks, and without a terminal it refuses', async (t) => {
  const db = await countedFile(t);
  const before = readFileSync(db);
  const process = reset(t, '--db', db);
  t.same(await process.exit, { code: 2, signal: null });
  t.match(process.stderr, /^[^\n]*--yes\n$/);
  t.ok(readFileSync(db).equals(before));
});

test('reset refuses while a server runs on the file', async (t) => {
  const server = await ServerProcess.serving(t, join(t.testdir({}), 'numbers.db'));
  await server.increment('a', 5);
  const process = reset(t, '--db', server.db, '--yes');
  t.same(await process.exit, { code: 1, signal: null });
  t.match(process.stderr, new RegExp(`^[^\\n]*in use by process ${server.child.pid}\\n$`));
  t.equal((await server.get('/numbers/a')).body.value, 5);
  server.signal('SIGTERM');
  await server.exit;
  t.equal(
    withDatabase(server.db, (database) => database.prepare('SELECT value FROM numbers').pluck().get()),
    5,
  );
});

test('reset refuses a file that is not a database and leaves it alone', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  writeFileSync(db, 'precious text');
  const process = reset(t, '--db', db, '--yes');
  t.same(await process.exit, { code: 1, signal: null });
  t.match(process.stderr, /^[^\n]*is not a SQLite database\n$/);
  t.equal(readFileSync(db, 'utf8'), 'precious text');
});

test('reset takes the file from the environment, too', async (t) => {
  const db = await countedFile(t);
  const process = new NodeProcess(t, [EXECUTABLE, 'reset', '--yes'], { env: { INCREMENTER_DB: db } });
  t.same(await process.exit, { code: 0, signal: null });
  t.ok(existsSync(db));
  t.equal(
    withDatabase(db, (database) => database.prepare('SELECT count(*) FROM numbers').pluck().get()),
    0,
  );
});
