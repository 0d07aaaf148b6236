import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { backUp } from '../../dist/store/sqlite/backup.js';
import { withDatabase } from './connection.js';
import { fileIn, makeSeedFile } from './store-file.js';

test('a copy comes to its end although somebody writes between every two of its steps, and has none of that', async (t) => {
  const path = fileIn(t);
  makeSeedFile(
    path,
    Array.from({ length: 100_000 }, (_, i) => [`a key of some length ${i}`, 0] as const),
  );
  const writer = new Database(path);
  t.teardown(() => writer.close());
  writer.pragma('journal_mode = WAL');
  const increment = writer.prepare('UPDATE numbers SET value = value + 1 WHERE rowid = ?');
  const steps: number[] = [];
  let writes = 0;
  const copy = join(dirname(path), 'copy.db');
  await backUp(path, copy, {
    tables: [NUMBERS],
    replace: false,
    onProgress(done, all) {
      steps.push(done);
      if (steps.length > all) throw new Error('it begins anew each time');
      writes += increment.run(writes + 1).changes;
    },
  });
  t.ok(writes > 3, `${writes} writes`);
  t.same(
    steps,
    [...steps].sort((a, b) => a - b),
    'no step was undone',
  );
  t.same(
    withDatabase(copy, (database) => database.prepare('SELECT count(*), sum(value) FROM numbers').raw().get()),
    [100_000, 0],
  );
});
