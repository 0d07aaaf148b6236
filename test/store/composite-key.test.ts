import { test } from 'tap';
import type { Slice } from '../../dist/store/store.js';
import type { Table, Value } from '../../dist/store/table.js';
import { withDatabase } from './connection.js';
import { begun, columnsOf, fileIn, type OpenStore, opened, rowsOf } from './store-file.js';

const SOURCES: Table = {
  name: 'incrementer_sources',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'source', type: 'text' },
    { name: 'value', type: 'integer', default: 0 },
  ],
  key: ['key', 'source'],
};

/** A table whose columns are its key, all of them. */
const MEMBERS: Table = { name: 'incrementer_members', columns: SOURCES.columns.slice(0, 2), key: ['key', 'source'] };

type Source = readonly [key: string, source: string, value: Value];

async function put({ store }: OpenStore, table: Table, rows: readonly (readonly Value[])[], deleted: readonly Value[][] = []) {
  const width = table.columns.length;
  const slices: Slice[] = [{ table: table.name, ...columnsOf(rows, width), deleted: columnsOf(deleted, table.key.length) }];
  await store.commit({ seq: 1, next: () => slices.shift(), seal: () => 1 });
}

test('a row of a key of two columns is one row, whatever comes again of it', async (t) => {
  const open = await begun(t, fileIn(t), [SOURCES]);
  const rows: Source[] = [
    ['a', 'x', 1],
    ['a', 'y', 2],
    ['b', 'x', 3],
    ['ab', '', 4],
    ['a', 'b', 2n ** 60n],
  ];
  await put(open, SOURCES, rows);
  t.same(await rowsOf(open.store, SOURCES), rows);
  await put(open, SOURCES, [['a', 'y', 20]]);
  t.same(await rowsOf(open.store, SOURCES), rows.with(1, ['a', 'y', 20]));
});

test('rows of a key of two columns are upserted many at a time', async (t) => {
  const open = await begun(t, fileIn(t), [SOURCES]);
  const rows = (by: number) => Array.from({ length: 200 }, (_, i): Source => [`key${i % 10}`, `source${i}`, i + by]);
  await put(open, SOURCES, rows(0));
  await put(open, SOURCES, rows(1_000));
  t.same(await rowsOf(open.store, SOURCES), rows(1_000));
});

test('the row of a key of two columns goes when both are named, and no other', async (t) => {
  const open = await begun(t, fileIn(t), [SOURCES]);
  await put(open, SOURCES, [
    ['a', 'x', 1],
    ['a', 'y', 2],
    ['b', 'x', 3],
    ['x', 'a', 4],
  ]);
  const deleted = [
    ['a', 'x'],
    ['b', 'y'],
  ];
  await put(open, SOURCES, [['c', 'x', 5]], deleted);
  t.same(await rowsOf(open.store, SOURCES), [
    ['a', 'y', 2],
    ['b', 'x', 3],
    ['x', 'a', 4],
    ['c', 'x', 5],
  ]);
});

test('a table that is all key takes a row again as the row that it is', async (t) => {
  const open = await begun(t, fileIn(t), [MEMBERS]);
  await put(open, MEMBERS, [
    ['a', 'x'],
    ['a', 'y'],
  ]);
  await put(open, MEMBERS, [['a', 'y']]);
  t.same(await rowsOf(open.store, MEMBERS), [
    ['a', 'x'],
    ['a', 'y'],
  ]);
});

test('a key of two columns is unique in the file', async (t) => {
  const path = fileIn(t);
  await (await begun(t, path, [SOURCES])).close(0);
  const statements = withDatabase(path, (database) =>
    database.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'incrementer_sources' ORDER BY type DESC").pluck().all(),
  );
  t.same(statements, [
    'CREATE TABLE incrementer_sources (key TEXT, source TEXT, value INTEGER DEFAULT 0)',
    'CREATE UNIQUE INDEX incrementer_sources_key_source_index ON incrementer_sources (key, source)',
  ]);
});

test('a table whose key is not the two columns is refused', async (t) => {
  const indices = [
    'CREATE UNIQUE INDEX i ON incrementer_sources (key)',
    'CREATE UNIQUE INDEX i ON incrementer_sources (key, source, value)',
    'CREATE INDEX i ON incrementer_sources (key, source)',
  ];
  for (const index of indices) {
    const path = fileIn(t);
    withDatabase(path, (database) => {
      database.exec('CREATE TABLE incrementer_sources (key TEXT, source TEXT, value INTEGER DEFAULT 0)');
      database.exec(index);
    });
    await t.rejects(opened(t, path, [SOURCES]), { code: 'other-schema' }, index);
  }
});
