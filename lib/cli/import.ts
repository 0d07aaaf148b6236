import { fstatSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { PROBLEMS, Problem } from '../http/problem.js';
import { recoveryNews } from '../recovery.js';
import { readImportItem } from '../services/counters/import-item.js';
import { Importer, type ImportMode } from '../services/counters/importer.js';
import { SqliteFile } from '../store/sqlite/file.js';
import { StoreRefusal } from '../store/store.js';
import { TABLES } from '../tables.js';
import { CommandError, isSystemError } from './exit.js';
import { CsvFormat, type ImportFormat, NdjsonFormat } from './import-format.js';
import { ProgressBar } from './progress.js';
import { InputFault, RecordCutter } from './record-cutter.js';

const STDIN = 0;

export const IMPORT_FORMATS = { ndjson: () => new NdjsonFormat(), csv: () => new CsvFormat() } as const;

export interface ImportOptions {
  readonly db: string;
  readonly mode: ImportMode;
  /** What the name of the file says, if it is left out. */
  readonly format?: keyof typeof IMPORT_FORMATS;
}

/** Brings the items of a file, or of stdin, into a database that no server uses: all of them, or none. */
export async function importCounters(path: string | undefined, { db, mode, format }: ImportOptions): Promise<void> {
  const input = path === undefined ? stdin() : await openInput(path);
  const reader = IMPORT_FORMATS[format ?? (path?.endsWith('.csv') ? 'csv' : 'ndjson')]();
  const nowMs = Date.now();
  const file = openDatabase(db);
  const progress = new ProgressBar('importing');
  try {
    const news = recoveryNews(file.state);
    if (news !== undefined) process.stderr.write(`incrementer: ${db}: ${news}\n`);
    const done = await file.edit(async (rows) => {
      const importer = new Importer(rows, mode, nowMs);
      await importAll(input, reader, importer, progress);
      return importer;
    });
    progress.clear();
    process.stdout.write(`${describe(done)}\n`);
  } catch (error) {
    throw error instanceof InputFault ? new CommandError(`${input.name}, line ${error.line}: ${error.message}`) : error;
  } finally {
    progress.clear();
    file.close(undefined);
  }
}

async function importAll(input: Input, format: ImportFormat, importer: Importer, progress: ProgressBar): Promise<void> {
  const cutter = new RecordCutter(format.hasQuotes);
  let bytesDone = 0;
  for await (const piece of input.pieces()) {
    for (const { line, bytes } of cutter.push(piece)) importRecord(line, bytes, format, importer);
    bytesDone += piece.length;
    progress.show(bytesDone, input.bytes, importer.items);
  }
  for (const { line, bytes } of cutter.end()) importRecord(line, bytes, format, importer);
}

/** @throws InputFault that says what is wrong with it. */
function importRecord(line: number, bytes: Uint8Array, format: ImportFormat, importer: Importer): void {
  const parameters = format.read(bytes);
  if (parameters === undefined) return;
  const item = parameters instanceof Problem ? parameters : readImportItem(parameters, importer.nowMs);
  const problem = item instanceof Problem ? item : importer.take(item);
  if (problem !== undefined) throw new InputFault(line, problem.detail ?? PROBLEMS[problem.code][1]);
}

function describe({ items, added, ended }: Importer): string {
  const left = ended === 0 ? '' : `; ${ended} left out, as they have ended`;
  return `imported ${items} items: ${added} counters are new${left}`;
}

function openDatabase(db: string): SqliteFile {
  try {
    return new SqliteFile(db, TABLES);
  } catch (error) {
    if (!(error instanceof StoreRefusal) || error.code !== 'in-use') throw error;
    throw new CommandError(`${error.message}: to import while a server runs, send it POST /increments`);
  }
}

/** Where the items come from. */
interface Input {
  readonly name: string;
  /** 0 where nobody knows, as with a pipe. */
  readonly bytes: number;
  pieces(): AsyncIterable<Uint8Array>;
}

function stdin(): Input {
  return { name: 'stdin', bytes: sizeOf(fstatSync(STDIN)), pieces: () => readFrom('stdin', process.stdin) };
}

async function openInput(path: string): Promise<Input> {
  try {
    const handle = await open(path);
    return { name: path, bytes: sizeOf(await handle.stat()), pieces: () => readFrom(path, handle.createReadStream()) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* readFrom(name: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): unknown {
  return isSystemError(error) ? new CommandError(`${name} can't be read: ${error.message}`) : error;
}

function sizeOf(stats: Stats): number {
  return stats.isFile() ? stats.size : 0;
}
