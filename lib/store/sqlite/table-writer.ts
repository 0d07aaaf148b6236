import type { Database, Statement } from 'better-sqlite3';
import type { Columns, Slice } from '../store.js';
import type { Table, Value } from '../table.js';
import { HeldRows } from './held-rows.js';
import { deletion, upsert } from './schema.js';

/**
 * Rows in one VALUES list. Measured: 0.36 to 0.52 million rows/s with one, 0.75 to 0.8 million
 * with 10 to 100, 0.64 million with 500.
 */
const ROWS = 64;

/** Rows of a long batch that are held at the most: some 20 MB, and a tenth of a second to sort. */
const HELD_MAX = 131_072;

/** Writes changes of one table with prepared statements: rows many to a statement, then one by one. */
export class TableWriter {
  readonly #many: Statement;
  readonly #one: Statement;
  readonly #deletion: Statement;
  readonly #held = new HeldRows();

  constructor(database: Database, table: Table) {
    this.#many = database.prepare(upsert(table, ROWS));
    this.#one = database.prepare(upsert(table, 1));
    this.#deletion = database.prepare(deletion(table));
  }

  /** Writes a part of a batch, now or by `flush`. No key comes in a batch twice, so that any order will do. */
  hold(slice: Slice): void {
    this.#held.add(slice);
    this.#delete(slice.deleted);
    if (this.#held.length >= HELD_MAX) this.flush();
  }

  flush(): void {
    for (const rows of this.#held.take()) this.#put(rows);
  }

  /** After a rollback: what is held is not to be written. */
  forget(): void {
    this.#held.clear();
  }

  /** Writes a part of a batch: now, where nothing of it is held. */
  write(slice: Slice): void {
    if (this.#held.length > 0) return this.hold(slice);
    this.#put(slice);
    this.#delete(slice.deleted);
  }

  #put(rows: Columns): void {
    let row = 0;
    for (; row + ROWS <= rows.length; row += ROWS) this.#many.run(parameters(rows, row, row + ROWS));
    for (; row < rows.length; row++) this.#one.run(parameters(rows, row, row + 1));
  }

  #delete(keys: Columns): void {
    for (let row = 0; row < keys.length; row++) this.#deletion.run(parameters(keys, row, row + 1));
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
