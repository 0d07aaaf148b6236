import { toJson } from '../engine/int64.js';
import { type Exported, exportedCounters } from '../services/counters/exported.js';
import { Snapshot } from '../store/sqlite/snapshot.js';
import { TABLES } from '../tables.js';
import { csvField } from './csv.js';
import { CommandError, isSystemError } from './exit.js';

/** How a counter is written. The names are those that an import reads. */
interface ExportFormat {
  readonly beginning: string;
  line(counter: Exported): string;
}

export const EXPORT_FORMATS = {
  ndjson: {
    beginning: '',
    line({ key, value, expiresMs }) {
      const end = expiresMs === undefined ? '' : `,"expires_ms":${toJson(expiresMs)}`;
      return `{"key":${JSON.stringify(key)},"value":${toJson(value)}${end}}\n`;
    },
  },
  csv: {
    beginning: 'key,value,expires_ms\n',
    line: ({ key, value, expiresMs }) => `${csvField(key)},${value},${expiresMs ?? ''}\n`,
  },
} as const satisfies Record<string, ExportFormat>;

export interface ExportOptions {
  readonly db: string;
  readonly format: keyof typeof EXPORT_FORMATS;
  readonly prefix: string;
}

/** Writes the counters of a file to stdout, as they are on disk at this instant. Memory is bounded. */
export async function exportCounters({ db, format, prefix }: ExportOptions): Promise<void> {
  const snapshot = new Snapshot(db, TABLES);
  process.stdout.on('error', () => undefined); // The write that failed says so, too.
  try {
    for (const text of texts(snapshot, EXPORT_FORMATS[format], prefix)) await write(text);
  } catch (error) {
    // Whoever reads has seen enough, as `head` does.
    if (isBrokenPipe(error)) return;
    throw isSystemError(error) ? new CommandError(`stdout can't be written: ${error.message}`) : error;
  } finally {
    snapshot.close();
  }
}

function* texts(snapshot: Snapshot, format: ExportFormat, prefix: string): Generator<string> {
  if (format.beginning !== '') yield format.beginning;
  for (const counters of exportedCounters(snapshot, prefix, Date.now())) {
    if (counters.length > 0) yield counters.map((counter) => format.line(counter)).join('');
  }
}

/** Resolves when stdout has taken the text. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function isBrokenPipe(error: unknown): boolean {
  return isSystemError(error) && error.code === 'EPIPE';
}
