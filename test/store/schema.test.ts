import { test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { createIndex, createTable, deletion, upsert } from '../../dist/store/sqlite/schema.js';
import type { Table } from '../../dist/store/table.js';
import { SEED_INDEX, SEED_TABLE } from './store-file.js';

test('the statements for the counters are those that they have always been', async (t) => {
  t.equal(createTable(NUMBERS), SEED_TABLE);
  t.equal(createIndex(NUMBERS), SEED_INDEX);
  t.equal(
    upsert(NUMBERS, 2),
    'INSERT INTO numbers (key, value) VALUES (?, ?), (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  t.equal(deletion(NUMBERS), 'DELETE FROM numbers WHERE key = ?');
});

test('a column that is kept is written when its row is inserted, and not when it is there', async (t) => {
  const columns = [
    { name: 'made', type: 'integer', isKept: true },
    { name: 'seen', type: 'integer' },
  ] as const;
  const table: Table = { name: 'rows', columns: [{ name: 'id', type: 'integer' }, ...columns], key: ['id'] };
  t.equal(
    upsert(table, 1),
    'INSERT INTO rows (id, made, seen) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen',
  );
});
