import { join } from 'node:path';
import type { Test } from 'tap';
import { NUMBERS } from '../../dist/services/counters/counter.js';
import { SqliteStore } from '../../dist/store/sqlite/sqlite-store.js';
import type { Batch, Columns, StoreState } from '../../dist/store/store.js';
import type { Table, Value } from '../../dist/store/table.js';
import { withDatabase } from './connection.js';

export const SEED_TABLE = 'CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)';
export const SEED_INDEX = 'CREATE UNIQUE INDEX numbers_key_index ON numbers (key)';

export type Rows = readonly (readonly [key: string, value: Value])[];

export function fileIn(t: Test): string {
  return join(t.testdir({}), 'numbers.db');
}

/** The file of the system that this one grew out of. */
export function makeSeedFile(path: string, rows: Rows): void {
  withDatabase(path, (database) => {
    database.pragma('journal_mode = DELETE');
    database.exec(SEED_TABLE);
    database.exec(SEED_INDEX);
    const insert = database.prepare('INSERT INTO numbers VALUES (?, ?)');
    const insertAll = database.transaction(() => {
      for (const row of rows) insert.run(row);
    });
    insertAll();
  });
}

/** Rows as columns; `width` is how many, where there are no rows to tell. */
export function columnsOf(rows: readonly (readonly Value[])[], width = rows[0]?.length ?? 0): Columns {
  return { length: rows.length, columns: Array.from({ length: width }, (_, c) => rows.map((row) => row[c] as Value)) };
}

/** A batch of NUMBERS, handed out in slices as large as they are asked for. */
export function batchOf(seq: number, rows: Rows, ceilingSeq = seq): Batch {
  let from = 0;
  return {
    seq,
    next(rowsMax) {
      const part = rows.slice(from, from + rowsMax);
      from += part.length;
      if (part.length === 0) return undefined;
      return { table: 'numbers', ...columnsOf(part), deleted: columnsOf([], 1) };
    },
    seal: () => ceilingSeq,
  };
}

export interface OpenStore {
  readonly store: SqliteStore;
  /** What open() said of the run before. */
  readonly state: StoreState;
  close(seq?: number): Promise<void>;
}

/** A new store, opened, closed at the end of the test if the test does not. */
export async function opened(t: Test, path: string, tables: readonly Table[] = [NUMBERS]): Promise<OpenStore> {
  const store = new SqliteStore(path, tables);
  let open = true;
  const close = async (seq?: number) => {
    if (open) await store.close(seq);
    open = false;
  };
  t.teardown(() => close());
  return { store, state: await store.open(), close };
}

/** One whose run has begun. */
export async function begun(...parameters: Parameters<typeof opened>): Promise<OpenStore> {
  const open = await opened(...parameters);
  await open.store.begin();
  return open;
}

/** Every row of a table. */
export async function rowsOf(store: SqliteStore, table: Table): Promise<Value[][]> {
  const rows: Value[][] = [];
  const count = await store.load(table, ({ length, columns }) => {
    for (let row = 0; row < length; row++) rows.push(columns.map((column) => column[row] as Value));
  });
  if (count !== rows.length) throw new Error(`${rows.length} rows came, and ${count} were counted`);
  return rows;
}

/** Every row of NUMBERS. */
export async function load(store: SqliteStore): Promise<Map<string, Value>> {
  const rows = await rowsOf(store, NUMBERS);
  const loaded = new Map(rows as [string, Value][]);
  if (rows.length !== loaded.size) throw new Error(`${rows.length} rows have ${loaded.size} keys`);
  return loaded;
}
