import type { Database, Statement } from 'better-sqlite3';
import type { Columns } from '../store.js';
import type { Table, Value } from '../table.js';
import { upsert } from './schema.js';

/**
 * Rows in one VALUES list. Measured: 0.36 to 0.52 million rows/s with one, 0.75 to 0.8 million
 * with 10 to 100, 0.64 million with 500.
 */
const ROWS = 64;

/** Writes rows of one table with prepared statements: many to a statement, then one by one. */
export class Upsert {
  readonly #many: Statement;
  readonly #one: Statement;

  constructor(database: Database, table: Table) {
    this.#many = database.prepare(upsert(table, ROWS));
    this.#one = database.prepare(upsert(table, 1));
  }

  write(rows: Columns): void {
    let row = 0;
    for (; row + ROWS <= rows.length; row += ROWS) this.#many.run(parameters(rows, row, row + ROWS));
    for (; row < rows.length; row++) this.#one.run(parameters(rows, row, row + 1));
  }
}

/** The values of the rows `from` up to, not including, `to`, row by row. */
function parameters(rows: Columns, from: number, to: number): Value[] {
  const values: Value[] = [];
  for (let row = from; row < to; row++) {
    for (const column of rows.columns) values.push(column[row] as Value);
  }
  return values;
}
