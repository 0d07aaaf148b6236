import type { Database } from 'better-sqlite3';
import type { Table } from '../table.js';
import { refuseOtherState, refuseOtherTable } from './refusal.js';
import { readStateRow, type StateRow } from './state-row.js';

/** Whether there is a table of this name, or anything else in the place of one. */
export function hasTable(database: Database, name: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
}

/**
 * The row of `incrementer_state`; `undefined` where no server has begun on the file yet.
 *
 * @throws StoreRefusal when it is not ours, or a newer version's.
 */
export function readState(path: string, database: Database): StateRow | undefined {
  if (!hasTable(database, 'incrementer_state')) return undefined;
  return refuseOtherState(path, readStateRow(database));
}

/** @throws StoreRefusal where the state or a table is there and is not ours. */
export function refuseOtherSchema(path: string, database: Database, tables: readonly Table[]): void {
  readState(path, database);
  for (const table of tables) if (hasTable(database, table.name)) refuseOtherTable(path, database, table);
}
