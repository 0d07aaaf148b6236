import { test } from 'tap';
import { Run } from '../../dist/store/sqlite/run.js';
import type { Columns } from '../../dist/store/store.js';

function rowsOf(run: Run): unknown[][] {
  return run.take().flatMap(({ length, columns }) => Array.from({ length }, (_, row) => columns.map((column) => column[row])));
}

function columns(...rows: [string, number][]): Columns {
  return { length: rows.length, columns: [rows.map(([key]) => key), rows.map(([, value]) => value)] };
}

test('rows come out in the order of their keys, each with its own values', async (t) => {
  const run = new Run();
  run.add(columns(['c', 3], ['a', 1]));
  run.add(columns(['d', 4], ['b', 2]));
  t.equal(run.length, 4);
  t.same(rowsOf(run), [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
  ]);
  t.equal(run.length, 0);
  t.same(run.take(), []);
});

test('rows that are in order already are handed over as they came', async (t) => {
  const run = new Run();
  const parts = [
    { length: 2, columns: [Uint32Array.of(1, 2), Uint8Array.of(7, 8)] },
    { length: 2, columns: [Uint32Array.of(2 ** 31, 2 ** 32 - 1), Uint8Array.of(9, 10)] },
  ];
  for (const part of parts) run.add(part);
  const taken = run.take();
  t.equal(taken.length, 2);
  t.ok(
    taken.every((part, i) => part === parts[i]),
    'nothing is copied',
  );
});

test('what was let go of does not come out', async (t) => {
  const run = new Run();
  run.add(columns(['b', 2], ['a', 1]));
  run.clear();
  run.add(columns(['c', 3]));
  t.same(rowsOf(run), [['c', 3]]);
});
