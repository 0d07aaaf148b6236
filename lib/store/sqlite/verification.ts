import type { Database } from 'better-sqlite3';
import { StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import { openSnapshot } from './connection.js';
import { hasTable, readState } from './inspection.js';
import { refusalOf, refuseOtherTable } from './refusal.js';
import { countRows } from './schema.js';
import { type StateRow, stateOf } from './state-row.js';
import { untyped } from './table-reader.js';

/** Damages that are listed: where there are more, the first ones tell as much. */
const DAMAGES_MAX = 10;

/** What a file was found to be. */
export interface Verification {
  /** What is wrong with it; empty when it is sound. */
  readonly faults: readonly string[];
  /** `undefined` where no server has begun on the file yet, or its state can't be read. */
  readonly schemaVersion: number | undefined;
  readonly state: StoreState | undefined;
  /** How many rows there are in each table; `undefined` in one that is missing or can't be read. */
  readonly rows: ReadonlyMap<string, number | undefined>;
}

/**
 * Looks whether a file is one that a server would take, and all of it can be read: at one instant,
 * also while a server writes it. Changes nothing. Reads all of the file, and its indexes.
 *
 * @param tables the first is one that every file has; the others are made when a server begins.
 * @throws StoreRefusal when it can't be read: it is no database, or one of a newer version.
 */
export function verify(path: string, tables: readonly Table[]): Verification {
  const database = openSnapshot(path);
  try {
    return new Verifier(path, database).verify(tables);
  } finally {
    database.close();
  }
}

/** Collects what is wrong with a file. Where one thing can't be read, the next one may. */
class Verifier {
  readonly #path: string;
  readonly #database: Database;
  readonly #faults: string[] = [];

  constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  verify(tables: readonly Table[]): Verification {
    this.#try(() => this.#checkIntegrity());
    const row = this.#try(() => this.#state());
    const rows = new Map(tables.map((table, i) => [table.name, this.#try(() => this.#count(table, i === 0))]));
    return { faults: this.#faults, schemaVersion: row?.schema_version, state: row && stateOf(row), rows };
  }

  #checkIntegrity(): void {
    const lines = this.#database.prepare(`PRAGMA integrity_check(${DAMAGES_MAX})`).pluck().all() as string[];
    this.#faults.push(...lines.filter((line) => line !== 'ok'));
  }

  #state(): StateRow | undefined {
    const row = readState(this.#path, this.#database);
    if (row === undefined) return undefined;
    const { seq, ceiling_seq, clean } = row;
    if (seq < 0 || ceiling_seq < seq) this.#faults.push(`the state is impossible: seq ${seq}, ceiling_seq ${ceiling_seq}`);
    if (clean === 1 && ceiling_seq !== seq) this.#faults.push(`the state says of a clean stop that something was pending`);
    return row;
  }

  #count(table: Table, isNeeded: boolean): number | undefined {
    if (!hasTable(this.#database, table.name)) {
      if (isNeeded) this.#faults.push(`the table ${table.name} is missing`);
      return undefined;
    }
    refuseOtherTable(this.#path, this.#database, table);
    const [count, typed] = this.#database.prepare(countRows(table)).raw().get() as [number, number];
    if (typed < count) this.#faults.push(untyped(this.#database, table).message);
    return count;
  }

  /** Does a part; what is refused about the file's contents is a fault of it. */
  #try<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      const refusal = refusalOf(this.#path, error);
      if (!(refusal instanceof StoreRefusal) || !FAULTS.includes(refusal.code)) throw refusal;
      this.#faults.push(refusal.message);
      return undefined;
    }
  }
}

/** Refusals that say that a file is not sound; the others, that it can't be judged. */
const FAULTS = ['corrupt', 'other-schema', 'bad-row'];
