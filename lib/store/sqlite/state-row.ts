import type { Database } from 'better-sqlite3';
import type { StoreState } from '../store.js';
import { SCHEMA_VERSION } from './schema.js';

const CREATE = `
  CREATE TABLE incrementer_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ceiling_seq INTEGER NOT NULL,
    clean INTEGER NOT NULL
  )`;

/** The one row of `incrementer_state`: what StoreState says, and which schema the file has. */
export interface StateRow {
  readonly schema_version: number;
  readonly seq: number;
  readonly ceiling_seq: number;
  readonly clean: number;
}

/** Of a file that has such a table. Where that is not ours or a newer version's, it may be anything. */
export function readStateRow(database: Database): Partial<StateRow> | undefined {
  return database.prepare('SELECT * FROM incrementer_state').get() as Partial<StateRow> | undefined;
}

export function isStateRow(row: Partial<StateRow> | undefined): row is StateRow {
  return [row?.schema_version, row?.seq, row?.ceiling_seq, row?.clean].every(Number.isSafeInteger);
}

/** Of a file that no server has begun on, too. */
export function stateOf(row: StateRow | undefined): StoreState {
  if (row === undefined) return { seq: 0, ceilingSeq: 0, clean: true };
  return { seq: row.seq, ceilingSeq: row.ceiling_seq, clean: row.clean === 1 };
}

export function createState(database: Database): void {
  database.exec(CREATE);
  database.exec(`INSERT INTO incrementer_state VALUES (1, ${SCHEMA_VERSION}, 0, 0, 1)`);
}

/** The new run begins where the last one may have got to, with nothing pending. */
export function beginState(database: Database): void {
  database.prepare('UPDATE incrementer_state SET schema_version = ?, seq = ceiling_seq, clean = 0').run(SCHEMA_VERSION);
}

/** The run that has begun ends cleanly after one write. */
export function endState(database: Database): void {
  database.exec('UPDATE incrementer_state SET seq = seq + 1, ceiling_seq = seq + 1, clean = 1');
}
