import type { Database } from 'better-sqlite3';
import { type Columns, StoreRefusal } from '../store.js';
import type { Table, Value } from '../table.js';
import { selectPage, selectUntyped } from './schema.js';

/** Rows on their way from the thread: each column as a JSON array, see selectPage. */
export interface Page {
  readonly length: number;
  readonly columns: readonly string[];
}

type PageRow = [last: bigint, length: bigint, typed: bigint, ...columns: string[]];

const FIRST_ROWID = -(2n ** 63n);
const LAST_ROWID = 2n ** 63n - 1n;

/**
 * Every row of a table, up to `rowsMax` at a time, in the order in which they were inserted.
 *
 * @throws StoreRefusal at a row that is not of the table's types.
 */
export function* readPages(database: Database, table: Table, rowsMax: number): Generator<Page> {
  const select = database.prepare(selectPage(table)).raw().safeIntegers();
  for (let from = FIRST_ROWID; ; ) {
    const [last, length, typed, ...columns] = select.get(from, rowsMax) as PageRow;
    if (typed < length) throw untyped(database, table);
    if (length > 0n) yield { length: Number(length), columns };
    if (length < rowsMax || last === LAST_ROWID) return;
    from = last + 1n;
  }
}

/** Says which row is not of the table's types. */
export function untyped(database: Database, table: Table): StoreRefusal {
  const types = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  const row = database.prepare(selectUntyped(table)).raw().get() as string[] | undefined;
  return new StoreRefusal('bad-row', `the table ${table.name} has a row that is not (${types}): (${row?.join(', ')})`);
}

/** The values of a page. */
export function parsePage({ length, columns }: Page, table: Table): Columns {
  return { length, columns: columns.map((column, c) => parseColumn(column, table.columns[c]?.type)) };
}

function parseColumn(json: string, type: 'text' | 'integer' | undefined): Value[] {
  const values = JSON.parse(json) as Value[];
  if (type === 'integer') {
    for (let i = 0; i < values.length; i++) if (typeof values[i] === 'string') values[i] = BigInt(values[i] as string);
  }
  return values;
}
