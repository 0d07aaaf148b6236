import { type Database, SqliteError } from 'better-sqlite3';
import { StoreRefusal } from '../store.js';
import type { Table } from '../table.js';
import { SCHEMA_VERSION, selectPage } from './schema.js';
import { isStateRow, type StateRow } from './state-row.js';
import { TableWriter } from './table-writer.js';

/** The row, where it is one of ours. Of a newer version's, nothing but the version can be known. */
export function refuseOtherState(path: string, row: Partial<StateRow> | undefined): StateRow {
  const version = row?.schema_version;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new StoreRefusal(
      'newer-schema',
      `${path} was written by a newer version: its schema is ${version}, this one knows ${SCHEMA_VERSION}`,
    );
  }
  if (isStateRow(row)) return row;
  throw new StoreRefusal('other-schema', `${path} has a table incrementer_state that is not ours`);
}

/** A table of the same name must take our upserts: preparing one checks columns and unique key. */
export function refuseOtherTable(path: string, database: Database, table: Table): void {
  try {
    new TableWriter(database, table);
    database.prepare(selectPage(table));
  } catch (error) {
    if (!(error instanceof SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    throw new StoreRefusal('other-schema', `${path} has a table ${table.name} that is not ours: ${error.message}`);
  }
}

/** Errors of SQLite and of the system, while the file is not in use yet, as refusals. */
export function refusing<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw refusalOf(path, error);
  }
}

/** An error as a refusal, where it is one of SQLite or of the system; any other as it is. */
export function refusalOf(path: string, error: unknown): unknown {
  // What the system says of the file itself, before SQLite sees it.
  if (isSystemError(error)) return new StoreRefusal('unusable', `${path} can't be used: ${error.message}`);
  if (!(error instanceof SqliteError)) return error;
  const reason = REASONS.find(([code]) => error.code.startsWith(code));
  if (reason === undefined) return new StoreRefusal('unusable', `${path} can't be used: ${error.message}`);
  return new StoreRefusal(reason[1], `${path} ${reason[2]}`);
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

const REASONS: readonly (readonly [sqliteCode: string, code: string, what: string])[] = [
  ['SQLITE_NOTADB', 'not-a-database', 'is not a SQLite database'],
  ['SQLITE_CORRUPT', 'corrupt', 'is damaged'],
  ['SQLITE_READONLY', 'not-writable', 'is not writable'],
  ['SQLITE_CANTOPEN', 'not-writable', 'can not be opened for writing'],
  ['SQLITE_BUSY', 'in-use', 'is locked by another process'],
];
