import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import { refusing } from './refusal.js';
import { Snapshot } from './snapshot.js';

/** Copied in one turn: 1 MiB, with pages of the usual size. */
const PAGES_AT_ONCE = 256;

/** What SQLite would take for a part of the file beside which it lies, and put into it. */
const COMPANIONS = ['-wal', '-journal'];

export interface BackupOptions {
  readonly tables: readonly Table[];
  /** Whether a file that is there already is replaced. */
  readonly replace: boolean;
  /** Hears of the pages that are done, and of all. What it throws ends the backup. */
  readonly onProgress: (done: number, all: number) => void;
}

/**
 * Copies a database file as it is at one instant, also while a server writes it. The copy is one
 * file, with nothing beside it. It has its name only when it is complete and on disk: until then
 * there is nothing under that name, or what was there before.
 *
 * The state in the copy is the file's own at that instant, as a crash would have left it: a server
 * that is started on the copy says what was in memory then and is not in it, and numbers its writes
 * above those that were acknowledged.
 *
 * @returns that state.
 * @throws StoreRefusal when the file can't be read, or the copy can't be made.
 */
export async function backUp(path: string, target: string, options: BackupOptions): Promise<StoreState> {
  const copy = resolve(target);
  const source = new Snapshot(path, options.tables);
  try {
    refuseTarget(path, target, options.replace);
    await refusing(target, () => copySafely(source, target, copy, options));
    return source.state;
  } finally {
    source.close();
  }
}

async function copySafely(source: Snapshot, target: string, copy: string, { replace, onProgress }: BackupOptions): Promise<void> {
  const unfinished = `${copy}.unfinished-${process.pid}`;
  try {
    await source.copyTo(unfinished, PAGES_AT_ONCE, onProgress);
    refusing(target, () => {
      leaveWal(unfinished);
      synchronise(unfinished);
      // Somebody may have made one in the meantime.
      if (!replace) refuseExisting(target);
      renameSync(unfinished, copy);
      synchronise(dirname(copy));
    });
  } finally {
    for (const suffix of ['', ...COMPANIONS]) rmSync(`${unfinished}${suffix}`, { force: true });
  }
}

function refuseTarget(path: string, target: string, replace: boolean): void {
  refusing(target, () => {
    if (!existsSync(dirname(resolve(target)))) {
      throw new StoreRefusal('no-directory', `${dirname(target)} does not exist`);
    }
    const status = statSync(target, { throwIfNoEntry: false });
    const source = statSync(path);
    if (status?.ino === source.ino && status.dev === source.dev) {
      throw new StoreRefusal('same-file', `${target} is the file that is to be copied`);
    }
    if (status?.isFile() === false) throw new StoreRefusal('not-a-file', `${target} is not a file`);
    if (!replace) refuseExisting(target);
    const companion = COMPANIONS.map((suffix) => `${target}${suffix}`).find((name) => existsSync(name));
    if (companion === undefined) return;
    throw new StoreRefusal('in-use', `${companion} is there: a server has ${target}, or one that was killed has left it`);
  });
}

function refuseExisting(target: string): void {
  if (existsSync(target)) throw new StoreRefusal('file-exists', `${target} is there already`);
}

/**
 * The copy says of itself, as the file does, that there may be a log beside it. Without that it can
 * be read where nothing can be written; a server that begins on it turns that on again.
 */
function leaveWal(file: string): void {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}

/** Has a file or the names in a directory on disk. */
function synchronise(path: string): void {
  // Windows has no way to do that for a directory.
  if (process.platform === 'win32' && statSync(path).isDirectory()) return;
  const descriptor = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
