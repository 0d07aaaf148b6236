import { accessSync, closeSync, constants, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database, { SqliteError } from 'better-sqlite3';
import { type Slice, StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import { isBusy, Lock } from './lock.js';
import { CREATE_STATE, createIndex, createTable, SCHEMA_VERSION, selectPage } from './schema.js';
import { type Page, readPages } from './table-reader.js';
import { TableWriter } from './table-writer.js';

/** How long to wait for another process's lock on the file before a commit counts as failed. */
const BUSY_MS = 1_000;
const BUSY_CHECK_MS = 20;

const PAGE_CACHE_KIB = 16_384;
const WAL_BYTES_KEPT = 64 * 1024 * 1024;

const MAGIC = 'SQLite format 3\0';

/**
 * A database file, opened for one server. Everything here is synchronous: it lives in a thread of
 * its own.
 */
export class SqliteFile {
  readonly #database: Database.Database;
  readonly #lock: Lock;
  readonly #tables: readonly Table[];
  readonly #writers: ReadonlyMap<string, TableWriter>;
  readonly #putState: Database.Statement;
  readonly #putCeiling: Database.Statement;
  /** What the last run left. */
  readonly state: StoreState;

  /**
   * Opens the file, and makes it and its tables where they are missing.
   *
   * @throws StoreRefusal when it can't be used. Nothing in it was changed then.
   */
  constructor(path: string, tables: readonly Table[]) {
    this.#tables = tables;
    const real = refusing(path, () => {
      refuseUnusable(path);
      const file = join(realpathSync(dirname(path)), basename(path));
      return existsSync(file) ? realpathSync(file) : file;
    });
    this.#lock = refusing(path, () => new Lock(real));
    let database: Database.Database | undefined;
    try {
      database = refusing(path, () => new Database(real, { timeout: BUSY_MS }));
      this.#database = database;
      this.state = refusing(path, () => this.#begin(path, tables));
      this.#writers = new Map(tables.map((table) => [table.name, new TableWriter(this.#database, table)]));
      this.#putState = this.#database.prepare('UPDATE incrementer_state SET seq = ?, ceiling_seq = ?, clean = ?');
      // A raise that nobody waits for any more may come after a commit with a higher ceiling.
      this.#putCeiling = this.#database.prepare('UPDATE incrementer_state SET ceiling_seq = max(ceiling_seq, ?)');
      this.#database.pragma('busy_timeout = 0'); // See #beginTransaction.
    } catch (error) {
      database?.close();
      this.#lock.release();
      throw error;
    }
  }

  /** Checks first, then changes: a file that is refused stays as it was. */
  #begin(path: string, tables: readonly Table[]): StoreState {
    const database = this.#database;
    const exists = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').pluck();
    const known = exists.get('incrementer_state') !== undefined;
    if (known) refuseNewer(path, database.prepare('SELECT schema_version FROM incrementer_state').pluck().get());
    for (const table of tables) {
      if (exists.get(table.name) !== undefined) refuseForeign(path, database, table);
    }
    if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
      throw new StoreRefusal('no-wal', `${path} is on a file system that can't hold a write-ahead log`);
    }
    database.pragma('synchronous = FULL');
    database.pragma('fullfsync = ON'); // Where fsync alone does not reach the disk: macOS.
    database.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
    database.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
    return database
      .transaction(() => {
        for (const table of tables) {
          if (exists.get(table.name) !== undefined) continue;
          database.exec(createTable(table));
          database.exec(createIndex(table));
        }
        if (!known) {
          database.exec(CREATE_STATE);
          database.exec(`INSERT INTO incrementer_state VALUES (1, ${SCHEMA_VERSION}, 0, 0, 1)`);
        }
        const { seq, ceiling, clean } = database
          .prepare('SELECT seq, ceiling_seq AS ceiling, clean FROM incrementer_state')
          .get() as { seq: number; ceiling: number; clean: number };
        // The new run begins where the last one may have got to, with nothing pending.
        database.prepare('UPDATE incrementer_state SET seq = ceiling_seq, clean = 0').run();
        return { seq, ceilingSeq: ceiling, clean: clean === 1 };
      })
      .immediate();
  }

  /** See readPages. The file can't be written before the iterator has ended. */
  load(table: Table, rowsMax: number): Generator<Page> {
    return readPages(this.#database, table, rowsMax);
  }

  write(slice: Slice): void {
    this.#beginTransaction();
    const writer = this.#writers.get(slice.table);
    if (writer === undefined) throw new RangeError(`no table ${slice.table}`);
    writer.write(slice);
  }

  /** Ends the transaction. When it returns, everything is on disk. */
  commit(seq: number, ceilingSeq: number): void {
    this.#beginTransaction();
    this.#putState.run(seq, ceilingSeq, 0);
    this.#database.exec('COMMIT');
  }

  /**
   * The waiting is done here and not in SQLite: a process that ends stops a thread here, while
   * from inside SQLite it would come back with an error that the driver aborts the process over.
   */
  #beginTransaction(): void {
    if (this.#database.inTransaction) return;
    for (let waitedMs = 0; ; waitedMs += BUSY_CHECK_MS) {
      try {
        this.#database.exec('BEGIN IMMEDIATE');
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

  rollback(): void {
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
  }

  /** Puts the tables back to how they are in a new file, and gives the space back. */
  reset(): void {
    this.#database.transaction(() => {
      for (const table of this.#tables) {
        this.#database.exec(`DROP TABLE ${table.name}`);
        this.#database.exec(createTable(table));
        this.#database.exec(createIndex(table));
      }
      this.#putState.run(0, 0, 1);
    })();
    this.#database.exec('VACUUM');
  }

  /** @param seq the last write, after a clean stop. */
  close(seq: number | undefined): void {
    try {
      this.rollback();
      if (seq !== undefined) this.#putState.run(seq, seq, 1);
    } finally {
      this.#database.close();
      this.#lock.release();
    }
  }
}

/** What can be seen without SQLite, so that nothing is made beside a file that is not ours. */
function refuseUnusable(path: string): void {
  const directory = dirname(path);
  if (!existsSync(directory)) throw new StoreRefusal('no-directory', `${directory} does not exist`);
  try {
    accessSync(directory, constants.W_OK);
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
  } catch {
    throw new StoreRefusal('not-writable', `${path} is not writable`);
  }
  if (!existsSync(path)) return;
  if (!statSync(path).isFile()) throw new StoreRefusal('not-a-database', `${path} is not a file`);
  const head = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  const length = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  if (length > 0 && head.toString('latin1') !== MAGIC) {
    throw new StoreRefusal('not-a-database', `${path} is not a SQLite database`);
  }
}

function refuseNewer(path: string, version: unknown): void {
  if (typeof version === 'number' && version <= SCHEMA_VERSION) return;
  throw new StoreRefusal(
    'newer-schema',
    `${path} was written by a newer version: its schema is ${version}, this one knows ${SCHEMA_VERSION}`,
  );
}

/** A table of the same name must take our upserts: preparing one checks columns and unique key. */
function refuseForeign(path: string, database: Database.Database, table: Table): void {
  try {
    new TableWriter(database, table);
    database.prepare(selectPage(table));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreRefusal('other-schema', `${path} has a table ${table.name} that is not ours: ${why}`);
  }
}

/** Errors of SQLite and of the system while a file is opened, as refusals. */
function refusing<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    // What the system says of the file itself, before SQLite sees it.
    if (isSystemError(error)) throw new StoreRefusal('unusable', `${path} can't be used: ${error.message}`);
    if (!(error instanceof SqliteError)) throw error;
    const reason = REASONS.find(([code]) => error.code.startsWith(code));
    if (reason === undefined) throw new StoreRefusal('unusable', `${path} can't be used: ${error.message}`);
    throw new StoreRefusal(reason[1], `${path} ${reason[2]}`);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

const REASONS: readonly (readonly [sqliteCode: string, code: string, what: string])[] = [
  ['SQLITE_NOTADB', 'not-a-database', 'is not a SQLite database'],
  ['SQLITE_CORRUPT', 'corrupt', 'is damaged'],
  ['SQLITE_READONLY', 'not-writable', 'is not writable'],
  ['SQLITE_CANTOPEN', 'not-writable', 'can not be opened for writing'],
  ['SQLITE_BUSY', 'in-use', 'is locked by another process'],
];
