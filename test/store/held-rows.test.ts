import { test } from 'tap';
import { HeldRows } from '../../dist/store/sqlite/held-rows.js';
import type { Columns } from '../../dist/store/store.js';

function rowsOf(held: HeldRows): unknown[][] {
  return held.take().flatMap(({ length, columns }) => Array.from({ length }, (_, row) => columns.map((column) => column[row])));
}

function columns(...rows: [string, number][]): Columns {
  return { length: rows.length, columns: [rows.map(([key]) => key), rows.map(([, value]) => value)] };
}

test('rows come out in the order of their keys, each with its own values', async (t) => {
  const held = new HeldRows();
  held.add(columns(['c', 3], ['a', 1]));
  held.add(columns(['d', 4], ['b', 2]));
  t.equal(held.length, 4);
  t.same(rowsOf(held), [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
  ]);
  t.equal(held.length, 0);
  t.same(held.take(), []);
});

test('rows that are in order already are handed over as they came', async (t) => {
  const held = new HeldRows();
  const parts = [
    { length: 2, columns: [Uint32Array.of(1, 2), Uint8Array.of(7, 8)] },
    { length: 2, columns: [Uint32Array.of(2 ** 31, 2 ** 32 - 1), Uint8Array.of(9, 10)] },
  ];
  for (const part of parts) held.add(part);
  const taken = held.take();
  t.equal(taken.length, 2);
  t.ok(
    taken.every((part, i) => part === parts[i]),
    'nothing is copied',
  );
});

test('what was let go of does not come out', async (t) => {
  const held = new HeldRows();
  held.add(columns(['b', 2], ['a', 1]));
  held.clear();
  held.add(columns(['c', 3]));
  t.same(rowsOf(held), [['c', 3]]);
});
