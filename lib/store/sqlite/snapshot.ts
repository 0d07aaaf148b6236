import type { Database } from 'better-sqlite3';
import type { Columns, RowReader, StoreState } from '../store.js';
import type { Row, Table } from '../table.js';
import { openSnapshot } from './connection.js';
import { hasTable, readState, refuseOtherSchema } from './inspection.js';
import { refusalOf, refusing } from './refusal.js';
import { RowFinder } from './row-finder.js';
import { stateOf } from './state-row.js';
import { parsePage, readPages } from './table-reader.js';

/** Rows in memory at once, whatever the table has. */
const PAGE_ROWS = 4_096;

/**
 * A database file as it is at one instant. A server may write it meanwhile: it is not held up, but
 * its log grows for as long as a snapshot is open.
 */
export class Snapshot implements RowReader {
  readonly #path: string;
  readonly #database: Database;
  readonly #finders = new Map<Table, RowFinder>();
  /** What the server that wrote the file would leave, if it were killed at this instant. */
  readonly state: StoreState;

  /** @throws StoreRefusal when the file can't be read, or has other tables than ours. */
  constructor(path: string, tables: readonly Table[]) {
    this.#path = path;
    this.#database = openSnapshot(path);
    try {
      this.state = refusing(path, () => {
        refuseOtherSchema(path, this.#database, tables);
        return stateOf(readState(path, this.#database));
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  *pages(table: Table): Generator<Columns> {
    try {
      if (!hasTable(this.#database, table.name)) return;
      for (const page of readPages(this.#database, table, PAGE_ROWS)) yield parsePage(page, table);
    } catch (error) {
      throw refusalOf(this.#path, error);
    }
  }

  find(table: Table, key: Row): Row | undefined {
    return refusing(this.#path, () => {
      let finder = this.#finders.get(table);
      if (finder === undefined) {
        if (!hasTable(this.#database, table.name)) return undefined;
        finder = new RowFinder(this.#database, table);
        this.#finders.set(table, finder);
      }
      return finder.find(key);
    });
  }

  /**
   * Copies the whole file into another.
   *
   * As the instant is held, SQLite does not begin anew when somebody writes meanwhile, which it
   * otherwise does each time.
   *
   * @param onProgress hears of the pages that are done, and of all; what it throws ends the copying.
   */
  async copyTo(file: string, pagesAtOnce: number, onProgress: (done: number, all: number) => void): Promise<void> {
    try {
      await this.#database.backup(file, {
        progress({ totalPages, remainingPages }) {
          onProgress(totalPages - remainingPages, totalPages);
          return pagesAtOnce;
        },
      });
    } catch (error) {
      throw refusalOf(this.#path, error);
    }
  }

  close(): void {
    this.#database.close();
  }
}
