import Database from 'better-sqlite3';
import type { Test } from 'tap';

/** Another process's write lock on a database file: as long as it is held, no commit gets through. */
export class HeldFile {
  readonly #database: Database.Database;

  /** Waits for a commit that is under way. */
  constructor(t: Test, db: string) {
    this.#database = new Database(db);
    this.#database.exec('BEGIN IMMEDIATE');
    t.teardown(() => this.release());
  }

  release(): void {
    this.#database.close();
  }
}
