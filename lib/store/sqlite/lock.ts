import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreRefusal } from '../store.js';

/**
 * Keeps a second server off a database file, for as long as this process lives.
 *
 * It is a write lock of SQLite's own, on a small database beside the file: the operating system
 * lets go of it when the process ends, however it ends, and unlike a lock on the file itself it
 * keeps no reader out. The lock's file stays behind when it is released: removing it would open a
 * gap in which two servers hold two files of the same name.
 */
export class Lock {
  readonly #database: Database.Database;

  /** Whether a server has had the file before. */
  static hasBeen(path: string): boolean {
    return existsSync(lockPath(path));
  }

  /** @throws StoreRefusal `in-use` when another process has it, naming that process. */
  constructor(path: string) {
    this.#database = new Database(lockPath(path), { timeout: 0 });
    try {
      this.#database.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER)');
      this.#database.exec(`DELETE FROM owner; INSERT INTO owner VALUES (${process.pid})`);
      this.#database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      const pid = isBusy(error) ? this.#owner() : undefined;
      this.#database.close();
      if (!isBusy(error)) throw error;
      throw new StoreRefusal('in-use', `${path} is in use by ${pid ? `process ${pid}` : 'another process'}`);
    }
  }

  /** Readers are let in beside the lock. */
  #owner(): unknown {
    try {
      return this.#database.prepare('SELECT pid FROM owner').pluck().get();
    } catch {
      return undefined; // The owner is only just writing its name.
    }
  }

  release(): void {
    this.#database.close();
  }
}

function lockPath(path: string): string {
  return `${path}-lock`;
}

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
