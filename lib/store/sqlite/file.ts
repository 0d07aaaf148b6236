import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { type RowEditor, StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import { BatchWriter } from './batch-writer.js';
import { BUSY_MS, openToRead } from './connection.js';
import { hasTable, readState, refuseOtherSchema } from './inspection.js';
import { locate, refuseOtherFile } from './location.js';
import { Lock } from './lock.js';
import { refusalOf, refusing } from './refusal.js';
import { createIndex, createTable } from './schema.js';
import { beginState, createState, endState, type StateRow, stateOf } from './state-row.js';
import { TableEditor } from './table-editor.js';
import { type Page, readPages } from './table-reader.js';

const PAGE_CACHE_KIB = 16_384;
const WAL_BYTES_KEPT = 64 * 1024 * 1024;

/**
 * A database file, for one server. Everything here is synchronous: it lives in a thread of its own.
 *
 * Until `begin` it is only read: a start that is refused leaves the file as it was, and nothing
 * beside it. So the lock's file is made only by a server that begins. A start that finds none reads
 * without a lock, as no server has begun on this file yet; when its turn comes to begin, it looks
 * whether another was quicker.
 *
 * What SQLite needs to read at all is an exception to that. A rollback journal that a crash has
 * left can only be read by rolling it back. Beside a write-ahead log that a crash has left, the
 * log's index is made anew. And a start that is killed may leave an empty log and its index.
 */
export class SqliteFile {
  readonly #path: string;
  readonly #file: string;
  readonly #tables: readonly Table[];
  #lock: Lock | undefined;
  #database: Database.Database;
  #writer: BatchWriter | undefined;
  /** What the last run left; `undefined` where no server has begun yet. */
  readonly #left: StateRow | undefined;

  /** @throws StoreRefusal when it can't be used. */
  constructor(path: string, tables: readonly Table[]) {
    this.#path = path;
    this.#tables = tables;
    this.#file = refusing(path, () => locate(path));
    const isKnown = Lock.hasBeen(this.#file);
    refusing(path, () => refuseOtherFile(path, this.#file, isKnown));
    this.#database = refusing(path, () => openToRead(this.#file));
    try {
      refusing(path, () => refuseOtherSchema(path, this.#database, tables));
      // After the checks, as it leaves its owner's name in the lock's file.
      if (isKnown) this.#lock = refusing(path, () => new Lock(this.#file));
      this.#left = refusing(path, () => readState(path, this.#database));
    } catch (error) {
      this.close(undefined);
      throw error;
    }
  }

  /** What the last run left. */
  get state(): StoreState {
    return stateOf(this.#left);
  }

  /**
   * See readPages. The file can't be written before the iterator has ended.
   *
   * @throws StoreRefusal when the file turns out to be damaged, too.
   */
  *load(table: Table, rowsMax: number): Generator<Page> {
    try {
      if (hasTable(this.#database, table.name)) yield* readPages(this.#database, table, rowsMax);
    } catch (error) {
      throw refusalOf(this.#path, error);
    }
  }

  /**
   * Takes the file: makes it and its tables where they are missing, and moves the state on.
   *
   * @throws StoreRefusal when that is not possible, or another server has begun since it was opened.
   */
  begin(): BatchWriter {
    return refusing(this.#path, () => {
      this.#openToWrite();
      this.#database.transaction(() => this.#beginRun()).immediate();
      this.#writer = new BatchWriter(this.#database, this.#tables);
      return this.#writer;
    });
  }

  #beginRun(): void {
    if (!isDeepStrictEqual(readState(this.#path, this.#database), this.#left)) {
      throw new StoreRefusal('in-use', `another server has written ${this.#path} since it was read`);
    }
    for (const table of this.#tables) if (!hasTable(this.#database, table.name)) this.#make(table);
    if (this.#left === undefined) createState(this.#database);
    beginState(this.#database);
  }

  /**
   * Changes rows: all of it in one transaction, or nothing. In the place of `begin`: it is a run of
   * its own, which takes one seq and stops cleanly.
   *
   * @throws StoreRefusal as `begin` does, and what `change` throws.
   */
  async edit<T>(change: (rows: RowEditor) => Promise<T>): Promise<T> {
    refusing(this.#path, () => this.#openToWrite());
    const database = this.#database;
    try {
      database.exec('BEGIN IMMEDIATE');
      this.#beginRun();
      const outcome = await change(new TableEditor(database));
      endState(database);
      database.exec('COMMIT');
      return outcome;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      // What goes wrong where the changes come from is not the file's fault.
      throw error instanceof Database.SqliteError ? refusalOf(this.#path, error) : error;
    }
  }

  /** Puts the file back to how a new one is, and gives the space back. In the place of `begin`. */
  reset(): void {
    refusing(this.#path, () => {
      this.#openToWrite();
      this.#database.transaction(() => {
        for (const table of this.#tables) {
          this.#database.exec(`DROP TABLE IF EXISTS ${table.name}`);
          this.#make(table);
        }
        this.#database.exec('DROP TABLE IF EXISTS incrementer_state');
        createState(this.#database);
      })();
      this.#database.exec('VACUUM');
    });
  }

  #make(table: Table): void {
    this.#database.exec(createTable(table));
    this.#database.exec(createIndex(table));
  }

  #openToWrite(): void {
    this.#lock ??= new Lock(this.#file);
    this.#database.close();
    this.#database = new Database(this.#file, { timeout: BUSY_MS });
    if (this.#database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
      throw new StoreRefusal('no-wal', `${this.#path} is on a file system that can't hold a write-ahead log`);
    }
    this.#database.pragma('synchronous = FULL');
    this.#database.pragma('fullfsync = ON'); // Where fsync alone does not reach the disk: macOS.
    this.#database.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
    this.#database.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
  }

  /** @param seq the last write, after a clean stop. Before `begin` there is no run to stop. */
  close(seq: number | undefined): void {
    try {
      this.#writer?.rollback();
      if (seq !== undefined) this.#writer?.stop(seq);
    } finally {
      this.#database.close();
      this.#lock?.release();
    }
  }
}
