import type { Database, Statement } from 'better-sqlite3';
import type { Slice } from '../store.js';
import type { Table } from '../table.js';
import { isBusy } from './lock.js';
import { TableWriter } from './table-writer.js';

/** How long to wait for another process's lock on the file before a commit counts as failed. */
const BUSY_MS = 1_000;
const BUSY_CHECK_MS = 20;

/** The page cache's size is negative where it is in KiB, as the connection has it. */
const SIZES =
  'SELECT page_count * page_size AS bytes, -1024 * cache_size AS cacheBytes ' +
  'FROM pragma_page_count, pragma_page_size, pragma_cache_size';

/** Writes batches, slice by slice, each in one transaction, with the state that it brings. */
export class BatchWriter {
  readonly #database: Database;
  readonly #writers: ReadonlyMap<string, TableWriter>;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #putState: Statement;
  readonly #putCeiling: Statement;
  /** Of the file and of the page cache. */
  readonly #sizes: Statement<[], { readonly bytes: number; readonly cacheBytes: number }>;
  /** Whether the file is larger than the page cache, as of the batch's begin. */
  #isLarge = false;

  /** @param database has all of the tables. */
  constructor(database: Database, tables: readonly Table[]) {
    this.#database = database;
    this.#writers = new Map(tables.map((table) => [table.name, new TableWriter(database, table)]));
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#putState = database.prepare('UPDATE incrementer_state SET seq = ?, ceiling_seq = ?, clean = ?');
    // A raise that nobody waits for any more may come after a commit with a higher ceiling.
    this.#putCeiling = database.prepare('UPDATE incrementer_state SET ceiling_seq = max(ceiling_seq, ?)');
    this.#sizes = database.prepare(SIZES);
    database.pragma('busy_timeout = 0'); // See #beginTransaction.
  }

  /** Takes a part of a batch that has more of them. */
  write(slice: Slice): void {
    if (!this.#database.inTransaction) this.#isLarge = this.#isLargerThanCache();
    this.#beginTransaction();
    if (this.#isLarge) this.#of(slice).hold(slice);
    else this.#of(slice).write(slice);
  }

  #isLargerThanCache(): boolean {
    const { bytes, cacheBytes } = this.#sizes.get() ?? { bytes: 0, cacheBytes: 0 };
    return bytes > cacheBytes;
  }

  /**
   * Writes what is left of the batch, and ends the transaction. When it returns, everything is on disk.
   *
   * @param last all of it, where the batch has one part; `undefined` where it has none.
   */
  commit(last: Slice | undefined, seq: number, ceilingSeq: number): void {
    this.#beginTransaction();
    if (last !== undefined) this.#of(last).write(last);
    for (const writer of this.#writers.values()) writer.flush();
    this.#putState.run(seq, ceilingSeq, 0);
    this.#commit.run();
  }

  /**
   * The waiting is done here and not in SQLite: a process that ends stops a thread here, while
   * from inside SQLite it would come back with an error that the driver aborts the process over.
   */
  #beginTransaction(): void {
    if (this.#database.inTransaction) return;
    for (let waitedMs = 0; ; waitedMs += BUSY_CHECK_MS) {
      try {
        this.#begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || waitedMs >= BUSY_MS) throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_CHECK_MS);
    }
  }

  /** @throws Error in the middle of a batch: then nothing can be made durable before its end. */
  raise(ceilingSeq: number): void {
    if (this.#database.inTransaction) throw new Error('a batch is being written');
    this.#putCeiling.run(ceilingSeq);
  }

  #of({ table }: Slice): TableWriter {
    const writer = this.#writers.get(table);
    if (writer === undefined) throw new RangeError(`no table ${table}`);
    return writer;
  }

  rollback(): void {
    for (const writer of this.#writers.values()) writer.forget();
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
  }

  /** Marks the stop as clean. @param seq the last write. */
  stop(seq: number): void {
    this.#putState.run(seq, seq, 1);
  }
}
