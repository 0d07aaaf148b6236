import { getHeapStatistics } from 'node:v8';

/** One option: where it comes from, what it is when nobody says, and how its text is read. */
interface Option<T> {
  readonly flag: string;
  /** What stands for the value in --help. */
  readonly placeholder: string;
  readonly variable: string;
  /** In the same form as it would be given. */
  readonly default: string;
  /** For the table of options where the default depends on the machine. */
  readonly defaultNote?: string;
  readonly meaning: string;
  /** @throws RangeError saying what it must be. */
  readonly read: (text: string) => T;
}

/**
 * Memory of one counter, with a key of 16 bytes: 165 bytes measured at ten million. Twice that
 * leaves room for longer keys and for the queue.
 */
const BYTES_PER_COUNTER = 330;

/** Every option there is, once. The command line, the help, and the README's table follow it. */
export const OPTIONS = {
  port: {
    flag: '--port',
    placeholder: 'number',
    variable: 'INCREMENTER_PORT',
    default: '3333',
    meaning: 'TCP port to listen on; 0 takes a free one',
    read: wholeNumber(0, 65_535),
  },
  host: {
    flag: '--host',
    placeholder: 'address',
    variable: 'INCREMENTER_HOST',
    default: '127.0.0.1',
    meaning: 'address to listen on',
    read: text,
  },
  db: {
    flag: '--db',
    placeholder: 'file',
    variable: 'INCREMENTER_DB',
    default: 'numbers.db',
    meaning: 'the SQLite file',
    read: text,
  },
  transport: {
    flag: '--transport',
    placeholder: 'name',
    variable: 'INCREMENTER_TRANSPORT',
    default: 'auto',
    meaning: '`uws`, `node`, or `auto`: uWebSockets.js where it runs, else node:http',
    read: oneOf('auto', 'uws', 'node'),
  },
  syncInterval: {
    flag: '--sync-interval',
    placeholder: 'time',
    variable: 'INCREMENTER_SYNC_INTERVAL',
    default: '5s',
    meaning: 'time from one drain to the next: what a crash can lose',
    read: duration,
  },
  diskTimeout: {
    flag: '--disk-timeout',
    placeholder: 'time',
    variable: 'INCREMENTER_DISK_TIMEOUT',
    default: '5s',
    meaning: 'how long a reply waits for the disk at the most; then 503 `store-unavailable`',
    read: duration,
  },
  durability: {
    flag: '--durability',
    placeholder: 'name',
    variable: 'INCREMENTER_DURABILITY',
    default: 'memory',
    meaning: 'what a 200 means where the request does not say: counted in `memory`, or on `disk`',
    read: oneOf('memory', 'disk'),
  },
  idempotencyTtl: {
    flag: '--idempotency-ttl',
    placeholder: 'time',
    variable: 'INCREMENTER_IDEMPOTENCY_TTL',
    default: '24h',
    meaning: 'how long an Idempotency-Key is kept',
    read: duration,
  },
  idempotencyMax: {
    flag: '--idempotency-max',
    placeholder: 'number',
    variable: 'INCREMENTER_IDEMPOTENCY_MAX',
    default: '1000000',
    meaning: 'keys kept at the most; beyond it requests with a new one get 503 `idempotency-full`',
    read: wholeNumber(1, 2 ** 24),
  },
  stopTimeout: {
    flag: '--stop-timeout',
    placeholder: 'time',
    variable: 'INCREMENTER_STOP_TIMEOUT',
    default: '10s',
    meaning: 'how long a stop may take; after it, what is not on disk is lost',
    read: duration,
  },
  queueSize: {
    flag: '--queue-size',
    placeholder: 'number',
    variable: 'INCREMENTER_QUEUE_SIZE',
    default: '1048576',
    meaning: 'changed counters that can wait for the disk; beyond it others get 503 `queue-full`',
    read: wholeNumber(2, 2 ** 24),
  },
  maxCounters: {
    flag: '--max-counters',
    placeholder: 'number',
    variable: 'INCREMENTER_MAX_COUNTERS',
    default: String(Math.floor(getHeapStatistics().heap_size_limit / BYTES_PER_COUNTER)),
    defaultNote: `Node's heap limit / ${BYTES_PER_COUNTER} bytes`,
    meaning: 'counters in memory; beyond it new keys get 503 `registry-full`',
    read: wholeNumber(1, 2 ** 31),
  },
  maxSources: {
    flag: '--max-sources',
    placeholder: 'number',
    variable: 'INCREMENTER_MAX_SOURCES',
    default: '1000000',
    meaning: 'sources in memory, of all counters together; beyond it new ones get 503 `sources-full`',
    read: wholeNumber(1, 2 ** 24),
  },
  maxReaders: {
    flag: '--max-readers',
    placeholder: 'number',
    variable: 'INCREMENTER_MAX_READERS',
    default: '10000',
    meaning: 'readers of `/events` at the same time; beyond it others get 503 `too-many-readers`',
    read: wholeNumber(1, 2 ** 20),
  },
  maxBatchBytes: {
    flag: '--max-batch-bytes',
    placeholder: 'size',
    variable: 'INCREMENTER_MAX_BATCH_BYTES',
    default: '16MiB',
    meaning: 'the largest batch; a larger one gets 413 `body-too-large`',
    read: size,
  },
  logLevel: {
    flag: '--log-level',
    placeholder: 'name',
    variable: 'INCREMENTER_LOG_LEVEL',
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
} as const satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof OPTIONS;

/** What a server is started with. Times are in milliseconds. */
export type Config = { readonly [Name in OptionName]: ReturnType<(typeof OPTIONS)[Name]['read']> };

/** Options as text, as a command line or the environment has them. */
export type OptionTexts = { readonly [Name in OptionName]?: string | undefined };

/** An option has a value that it can't have. The message is one line for the person who gave it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError naming the first option that can't be read. */
export function readConfig(texts: OptionTexts): Config {
  const entries = Object.entries(OPTIONS).map(([name, option]) => {
    const given = texts[name as OptionName] ?? option.default;
    try {
      return [name, option.read(given)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ConfigError(`${option.flag} must be ${error.message}, not ${JSON.stringify(given)}`);
    }
  });
  return Object.fromEntries(entries);
}

function text(value: string): string {
  if (value === '') throw new RangeError('given');
  return value;
}

function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) throw new RangeError(`a whole number from ${min} to ${max}`);
    return number;
  };
}

function oneOf<const Names extends readonly string[]>(...names: Names): (value: string) => Names[number] {
  return (value) => {
    if (!names.includes(value)) throw new RangeError(`one of ${names.join(', ')}`);
    return value;
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, '': 1_000 };

/** Longer ones overflow Node's timers, which then fire at once. */
const DURATION_MS_MAX = 2 ** 31 - 1;

/** Reads `500ms`, `5s`, `10m`, `24h`, or bare seconds. */
function duration(value: string): number {
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|)$/.exec(value) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(ms >= 1 && ms <= DURATION_MS_MAX)) throw new RangeError('a time such as 500ms, 5s, 10m or 24h');
  return ms;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20 };

/** A body is put together in memory, and twice. */
const SIZE_MAX = 2 ** 28;

/** Reads `500000`, `64KiB`, `16MiB`: bytes. */
function size(value: string): number {
  const [, digits, unit] = /^(\d{1,9})(KiB|MiB|)$/.exec(value) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit ?? ''] ?? Number.NaN);
  if (!(bytes >= 1 && bytes <= SIZE_MAX)) throw new RangeError('a size such as 64KiB or 16MiB, 256MiB at the most');
  return bytes;
}
