import type { Database, Statement } from 'better-sqlite3';
import type { Column, Row, Table, Value } from '../table.js';
import { selectRow } from './schema.js';
import { untyped } from './table-reader.js';

/** Looks up rows of a table by their key. */
export class RowFinder {
  readonly #database: Database;
  readonly #table: Table;
  readonly #select: Statement;

  constructor(database: Database, table: Table) {
    this.#database = database;
    this.#table = table;
    this.#select = database.prepare(selectRow(table)).raw().safeIntegers();
  }

  /**
   * O(log rows).
   *
   * @throws StoreRefusal when the row is not of the table's types.
   */
  find(key: Row): Row | undefined {
    const row = this.#select.get(key) as unknown[] | undefined;
    return row?.map((value, c) => this.#value(value, this.#table.columns[c]?.type));
  }

  #value(value: unknown, type: Column['type'] | undefined): Value {
    if (type === 'text' && typeof value === 'string') return value;
    if (type !== 'integer' || typeof value !== 'bigint') throw untyped(this.#database, this.#table);
    // In the one form that it has as an Int64.
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}
