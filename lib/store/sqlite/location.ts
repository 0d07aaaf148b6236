import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { StoreRefusal } from '../store.js';
import { isSystemError } from './refusal.js';

const MAGIC = 'SQLite format 3\0';

/** SQLite takes a file of one byte for an empty one. */
const PAGE_BYTES_MIN = 512;

/**
 * The one name of a file that has several, whether it exists yet or not.
 *
 * @throws StoreRefusal when the system lets nobody make a database of it.
 */
export function locate(path: string): string {
  const file = realPath(path);
  try {
    accessSync(dirname(file), constants.W_OK);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  } catch {
    throw new StoreRefusal('not-writable', `${path} is not writable`);
  }
  if (existsSync(file) && !statSync(file).isFile()) throw new StoreRefusal('not-a-database', `${path} is not a file`);
  return file;
}

/**
 * The same for somebody who only reads.
 *
 * @throws StoreRefusal when there is no file, or the system lets nobody read it.
 */
export function locateToRead(path: string): string {
  const file = realPath(path);
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) throw new StoreRefusal('no-file', `${path} does not exist`);
  if (!status.isFile()) throw new StoreRefusal('not-a-database', `${path} is not a file`);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new StoreRefusal('not-readable', `${path} is not readable`);
  }
  return file;
}

/**
 * What is no database is not for SQLite to see: it would take other files away that look by their
 * names as if it had made them.
 *
 * Closing a file takes away all locks that the process has on it, SQLite's too. So it is not
 * opened here where a server in this very process may have it: where a server has had it before,
 * `isKnown`, it was a database.
 */
export function refuseOtherFile(path: string, file: string, isKnown: boolean): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 || (isKnown ? bytes >= PAGE_BYTES_MIN : startOf(file) === MAGIC)) return;
  throw new StoreRefusal('not-a-database', `${path} is not a SQLite database`);
}

function startOf(file: string): string {
  const start = Buffer.alloc(MAGIC.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start.toString('latin1');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error;
  }
  // A link to a file that is still to be made is a name of that file.
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  if (isLink) return realPath(resolve(dirname(path), readlinkSync(path)));
  const directory = dirname(path);
  if (!existsSync(directory)) throw new StoreRefusal('no-directory', `${directory} does not exist`);
  return join(realpathSync(directory), basename(path));
}
