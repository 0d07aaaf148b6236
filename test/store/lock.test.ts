import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'tap';
import { nodeProgram } from '../node-process.js';
import { holder } from './holder.js';
import { batchOf, begun, fileIn, load, makeSeedFile, opened } from './store-file.js';

test('a second server on the same file is refused for as long as the first one lives', async (t) => {
  const path = fileIn(t);
  const first = await holder(t, path, { begins: true });
  await t.rejects(opened(t, path), { code: 'in-use', message: new RegExp(`in use by process ${first.child.pid}$`) });
  first.signal('SIGKILL');
  await first.exit;
  t.equal((await opened(t, path)).state.clean, false);
});

test('a file that a server has had before is taken from when it is opened', async (t) => {
  const path = fileIn(t);
  await (await begun(t, path)).close(0);
  const first = await holder(t, path, { begins: false });
  await t.rejects(opened(t, path), { code: 'in-use', message: new RegExp(`in use by process ${first.child.pid}$`) });
});

test('of two servers that open a file that none has had before, the first to begin has it', async (t) => {
  for (const make of [() => undefined, (path: string) => makeSeedFile(path, [['a', 1]])]) {
    const path = fileIn(t);
    make(path);
    const [first, second] = [await opened(t, path), await opened(t, path)];
    await load(second.store);
    await first.store.begin();
    await t.rejects(second.store.begin(), { code: 'in-use', message: new RegExp(`in use by process ${process.pid}$`) });
    await second.close(undefined);
    await first.store.commit(batchOf(1, [['a', 2]]));
    await first.close(1);
    t.same([...(await load((await opened(t, path)).store))], [['a', 2]]);
  }
});

test('a server that opened a file before another wrote it, and begins after that one stopped, is refused', async (t) => {
  const path = fileIn(t);
  const late = await opened(t, path);
  const quick = await begun(t, path);
  await quick.store.commit(batchOf(1, [['a', 1]]));
  await quick.close(1);
  await t.rejects(late.store.begin(), { code: 'in-use', message: /another server has written .* since/ });
  await late.close(undefined);
  const { state, store } = await opened(t, path);
  t.same(state, { seq: 1, ceilingSeq: 1, clean: true });
  t.same([...(await load(store))], [['a', 1]]);
});

test('two names of one file are one file, from before it is made', async (t) => {
  const directory = t.testdir({ 'link.db': t.fixture('symlink', 'numbers.db') });
  const [path, link] = [join(directory, 'numbers.db'), join(directory, 'link.db')];
  const first = await begun(t, link);
  t.ok(existsSync(path));
  await t.rejects(opened(t, path), { code: 'in-use' });
  await first.close(0);
  await begun(t, path);
  await t.rejects(opened(t, link), { code: 'in-use' });
});

test('a server in the same process that is refused takes no lock away from the one that has the file', async (t) => {
  const path = fileIn(t);
  const { store } = await begun(t, path);
  await store.commit(batchOf(1, [['a', 1]]));
  await t.rejects(opened(t, path), { code: 'in-use' });
  // Whoever gets the file for himself, be it in order to close it, puts the log away in which the next batch is written.
  const program = `
    import Database from 'better-sqlite3';
    const database = new Database(process.argv[1], { timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    try {
      console.log(database.prepare('SELECT value FROM numbers').pluck().get());
    } catch ({ code }) {
      console.log(code);
    }
  `;
  const other = nodeProgram(t, program, path);
  await other.exit;
  t.equal(other.stdout, 'SQLITE_BUSY\n', other.stderr);
});

test('a file that another process has locked is refused', async (t) => {
  const path = fileIn(t);
  makeSeedFile(path, [['a', 1]]);
  const other = new Database(path);
  t.teardown(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  await t.rejects(opened(t, path), { code: 'in-use', message: /locked by another process/ });
  other.exec('ROLLBACK');
  other.exec('BEGIN IMMEDIATE');
  const { store } = await opened(t, path);
  t.same([...(await load(store))], [['a', 1]], 'it can be read');
  await t.rejects(store.begin(), { code: 'in-use', message: /locked by another process/ }, 'and not taken');
});
