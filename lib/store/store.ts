import type { Row, Table, Value } from './table.js';

/**
 * The port: where batches go.
 *
 * A store holds tables, and beside them the state of the log of writes. Its methods are called
 * by one engine, `commit` never twice at a time.
 */
export interface Store {
  /**
   * Looks what the run before has left. Until `begin` nothing is changed: a start that ends before
   * that, refused or killed, leaves everything to the next one, the news of what was lost as well.
   *
   * @throws StoreRefusal when the store can't be used, or another process uses it.
   */
  open(): Promise<StoreState>;

  /**
   * Hands over every row of a table, some thousands at a time. Returns how many there were.
   *
   * @throws StoreRefusal when a row is not of the table's types.
   */
  load(table: Table, onRows: (rows: Columns) => void): Promise<number>;

  /**
   * Begins a run: from now on the store is this process's alone and has all tables, and its state
   * says that a run is under way. Comes once, after everything was loaded and before any commit
   * or raise.
   *
   * @throws StoreRefusal when that is not possible, or another process has begun since `open`.
   */
  begin(): Promise<void>;

  /**
   * Commits a batch in one transaction and resolves when it is on disk.
   *
   * Values are absolute: the same rows committed twice change nothing.
   *
   * @throws Error when the batch did not reach the disk, or may not have. Nothing of it counts as
   *   written then; the caller sends its rows again in a later batch.
   */
  commit(batch: Batch): Promise<void>;

  /**
   * Looks whether a commit is done, and lets it resolve then: where the thread has much to do, that is earlier
   * than the news would come by itself. Takes a few nanoseconds.
   */
  look(): void;

  /**
   * Puts the ceiling up, on disk, and blocks the thread until that is done, `waitMs` at the most.
   *
   * @returns false when it was not possible in that time; it may then happen later all the same.
   */
  raise(ceilingSeq: number, waitMs: number): boolean;

  /**
   * Closes the store and lets go of it.
   *
   * @param seq the last write, when all of them are on disk: the stop was clean. `undefined` says
   *   that some are lost, or that the run has not begun.
   */
  close(seq: number | undefined): Promise<void>;
}

/** What a store knows of the run before. */
export interface StoreState {
  /** Every write up to it is on disk. 0 in a fresh store. */
  readonly seq: number;
  /** No write above it was acknowledged, but for those while the store was failing. */
  readonly ceilingSeq: number;
  /** Whether the last run stopped with everything on disk. */
  readonly clean: boolean;
}

/**
 * Rows column by column: `columns[c][r]`, columns in the table's order. A column of integers can be a
 * typed array: from thread to thread it goes at the speed of memory.
 */
export interface Columns {
  readonly length: number;
  readonly columns: readonly ArrayLike<Value>[];
}

/** Some changes of a batch, all of one table: rows to put, and the keys of rows to take out. */
export interface Slice extends Columns {
  readonly table: string;
  /** The key's columns alone. */
  readonly deleted: Columns;
}

/** One instant of the engine's state: what had changed, in every table. */
export interface Batch {
  /** Every write up to it is in the store when the batch is committed. */
  readonly seq: number;
  /** The next changes, `undefined` after the last. No key is in a batch twice. */
  next(rowsMax: number): Slice | undefined;
  /**
   * The ceiling to write with the batch, see StoreState. Called once, after the last slice and
   * right before the transaction's end is asked for: from then on the engine acknowledges
   * nothing above it, until the commit's answer is there.
   */
  seal(): number;
}

/** Rows at one instant, in a store that others may write meanwhile. */
export interface RowReader {
  /**
   * Every row of a table, some thousands at a time, in the order in which they were inserted.
   *
   * @throws StoreRefusal when a row is not of the table's types.
   */
  pages(table: Table): Iterable<Columns>;

  /** The row with this key. O(log rows). */
  find(table: Table, key: Row): Row | undefined;
}

/** Rows that are changed in one transaction, of a store that nobody else uses. Each method takes O(log rows). */
export interface RowEditor {
  find(table: Table, key: Row): Row | undefined;

  put(table: Table, row: Row): void;

  /** Takes out every row whose key begins with these values; where there is none, nothing. */
  delete(table: Table, keyBeginning: Row): void;
}

/** The store can't be used as it is. The message is one line for the person who started it. */
export class StoreRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'StoreRefusal';
    this.code = code;
  }
}
