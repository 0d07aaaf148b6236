import { test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { fileIn } from './command.js';

const COUNTERS = 1_000_000;

/** A quarter of what the counters' keys and values alone would take, if they were kept. */
const HEAP = '--max-old-space-size=24';

/** Lines of a million counters, with keys in no order. */
function* lines(): Generator<string> {
  for (let i = 0; i < COUNTERS; i += 1_000) {
    yield Array.from({ length: 1_000 }, (_, j) => `{"key":"some key ${((i + j) * 7_919) % 1_000_003}","value":${i + j}}\n`).join(
      '',
    );
  }
}

test('a million counters are imported and exported in a heap of 24 MB', async (t) => {
  const db = fileIn(t);
  const importing = new NodeProcess(t, [HEAP, EXECUTABLE, 'import', '--db', db]);
  for (const text of lines()) {
    if (importing.child.stdin?.write(text) === false)
      await new Promise((resolve) => importing.child.stdin?.once('drain', resolve));
  }
  importing.child.stdin?.end();
  t.same(await importing.exit, { code: 0, signal: null }, importing.stderr);
  t.equal(importing.stdout, `imported ${COUNTERS} items: ${COUNTERS} counters are new\n`);
  const exporting = new NodeProcess(t, [HEAP, EXECUTABLE, 'export', '--db', db]);
  t.same(await exporting.exit, { code: 0, signal: null }, exporting.stderr);
  t.ok(exporting.stdout === [...lines()].join(''), 'it is what was imported, in the same order');
  t.equal(
    withDatabase(db, (database) => database.prepare('SELECT sum(value) FROM numbers').pluck().get()),
    (COUNTERS * (COUNTERS - 1)) / 2,
  );
});
