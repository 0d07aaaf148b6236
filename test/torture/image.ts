import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** What a database file holds, seen by another program after a crash. */
export interface Image {
  readonly integrity: string;
  readonly seq: number;
  readonly ceilingSeq: number;
  readonly clean: boolean;
  readonly values: ReadonlyMap<string, number>;
  readonly idempotencyKeys: ReadonlySet<string>;
}

const EMPTY: Image = { integrity: 'ok', seq: 0, ceilingSeq: 0, clean: true, values: new Map(), idempotencyKeys: new Set() };

/** Files beside the database that are part of it. The index of the log is made anew from the log. */
const PARTS = ['', '-wal', '-journal'];

/** Reads a copy of a database, so that looking at it does not recover it before the server does. */
export function readImage(db: string): Image {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-image-'));
  try {
    const copy = join(folder, 'numbers.db');
    for (const part of PARTS) if (existsSync(db + part)) copyFileSync(db + part, copy + part);
    return existsSync(copy) ? read(copy) : EMPTY;
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return { ...EMPTY, integrity: error.message };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(path: string): Image {
  const database = new Database(path);
  try {
    const integrity = String(database.pragma('integrity_check', { simple: true }));
    const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'incrementer_state'").get();
    if (exists === undefined) return { ...EMPTY, integrity };
    const state = database.prepare('SELECT seq, ceiling_seq AS ceilingSeq, clean FROM incrementer_state').get() as {
      seq: number;
      ceilingSeq: number;
      clean: number;
    };
    return {
      integrity,
      seq: state.seq,
      ceilingSeq: state.ceilingSeq,
      clean: state.clean === 1,
      values: new Map(database.prepare('SELECT key, value FROM numbers').raw().all() as [string, number][]),
      idempotencyKeys: new Set(database.prepare('SELECT key FROM incrementer_idempotency').pluck().all() as string[]),
    };
  } finally {
    database.close();
  }
}
