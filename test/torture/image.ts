import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Counter, Totals, World } from './counter-model.js';

/** What a database file holds, seen by another program after a crash. */
export interface Image {
  readonly integrity: string;
  readonly seq: number;
  readonly ceilingSeq: number;
  readonly clean: boolean;
  readonly counters: World;
  /** Rows of windows and sources whose counters are not there. */
  readonly orphans: readonly string[];
  /** The replies that are kept, by their idempotency keys. */
  readonly kept: ReadonlyMap<string, string>;
}

export const EMPTY: Image = {
  integrity: 'ok',
  seq: 0,
  ceilingSeq: 0,
  clean: true,
  counters: new Map(),
  orphans: [],
  kept: new Map(),
};

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

export function valuesOf(counters: World): Record<string, number> {
  return Object.fromEntries([...counters].map(([key, { value }]) => [key, value]));
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
    const rows = (sql: string) => database.prepare(sql).raw().all();
    return {
      integrity,
      seq: state.seq,
      ceilingSeq: state.ceilingSeq,
      clean: state.clean === 1,
      ...assemble(
        rows('SELECT key, value FROM numbers') as [string, number][],
        rows('SELECT key, expires_ms FROM incrementer_windows') as [string, number][],
        rows('SELECT key, source, total, decrements FROM incrementer_sources') as [string, string, number, number][],
      ),
      kept: new Map(rows('SELECT key, body FROM incrementer_idempotency') as [string, string][]),
    };
  } finally {
    database.close();
  }
}

/** Makes counters of the rows of three tables. */
function assemble(
  numbers: readonly [key: string, value: number][],
  windows: readonly [key: string, expiresMs: number][],
  sources: readonly [key: string, source: string, total: number, decrements: number][],
): Pick<Image, 'counters' | 'orphans'> {
  const sourcesOf = new Map<string, Map<string, Totals>>(numbers.map(([key]) => [key, new Map()]));
  const endOf = new Map(windows);
  const orphans = windows.filter(([key]) => !sourcesOf.has(key)).map(([key]) => `the window of ${key}`);
  for (const [key, source, total, decrements] of sources) {
    const known = sourcesOf.get(key);
    if (known === undefined) orphans.push(`the source ${source} of ${key}`);
    else known.set(source, { total, decrements });
  }
  const counters = new Map<string, Counter>();
  for (const [key, value] of numbers) {
    const endMs = endOf.get(key);
    const ends = endMs === undefined ? undefined : { from: endMs, to: endMs };
    counters.set(key, { value, ends, sources: sourcesOf.get(key) ?? new Map() });
  }
  return { counters, orphans };
}
