import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { locateToRead, refuseOtherFile } from './location.js';
import { Lock } from './lock.js';
import { refusing } from './refusal.js';

/** How long to wait for another process's lock on the file before it counts as in use. */
export const BUSY_MS = 1_000;

/**
 * A connection that changes nothing. One that can write is as good as long as nothing is written,
 * and takes away, unlike one that can't, what SQLite puts beside a file in WAL mode. But it writes
 * a log that it finds back into the file.
 */
export function openToRead(file: string): Database.Database {
  if (sizeOf(file) === 0) return new Database(':memory:');
  return new Database(file, { timeout: BUSY_MS, readonly: sizeOf(`${file}-wal`) > 0 });
}

/**
 * A connection that sees the file as it is at this instant, whatever is written to it meanwhile:
 * it is in a read transaction until it is closed.
 *
 * @throws StoreRefusal when it can't be read.
 */
export function openSnapshot(path: string): Database.Database {
  return refusing(path, () => {
    const file = locateToRead(path);
    refuseOtherFile(path, file, Lock.hasBeen(file));
    const database = openToRead(file);
    try {
      database.exec('BEGIN');
      database.prepare('SELECT count(*) FROM sqlite_schema').get(); // The instant is that of the first read.
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  });
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
