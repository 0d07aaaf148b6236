import { test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { createIndex, createTable, deletion, upsert } from '../../dist/store/sqlite/schema.js';
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
