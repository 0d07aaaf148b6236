import { getHeapStatistics } from 'node:v8';
import { isLoopback } from './http/client-address.js';
import type { Option } from './option.js';
import { addressRanges, boolean, duration, oneOf, optionalText, origins, size, text, wholeNumber } from './option-values.js';
import { SERVICE_OPTIONS } from './service-options.js';

/**
 * Memory of one counter, with a key of 16 bytes: 165 bytes measured at ten million. Twice that
 * leaves room for longer keys and for the queue.
 */
const BYTES_PER_COUNTER = 330;

/** Every option there is, once. The command line, the help, and the README's table follow it. */
export const OPTIONS = {
  ...SERVICE_OPTIONS,
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
  auth: {
    flag: '--auth',
    placeholder: 'name',
    variable: 'INCREMENTER_AUTH',
    default: 'open',
    meaning: 'who may count: `open`, whoever reaches the server; `required`, who has a token',
    read: oneOf('open', 'required'),
  },
  insecure: {
    flag: '--insecure',
    placeholder: 'boolean',
    variable: 'INCREMENTER_INSECURE',
    default: 'false',
    meaning: 'listen beyond this machine though `--auth` is `open`',
    isFlag: true,
    read: boolean,
  },
  trustProxy: {
    flag: '--trust-proxy',
    placeholder: 'address',
    variable: 'INCREMENTER_TRUST_PROXY',
    default: '',
    defaultNote: 'none',
    meaning:
      'address, or range such as `10.0.0.0/8`, of a proxy whose `X-Forwarded-For` names the client; ' +
      'repeatable, in the variable separated by commas',
    isRepeatable: true,
    read: addressRanges,
  },
  tlsCert: {
    flag: '--tls-cert',
    placeholder: 'file',
    variable: 'INCREMENTER_TLS_CERT',
    default: '',
    defaultNote: 'none',
    meaning: 'serves HTTPS with the certificate in this PEM file; read again on SIGHUP',
    read: optionalText,
  },
  tlsKey: {
    flag: '--tls-key',
    placeholder: 'file',
    variable: 'INCREMENTER_TLS_KEY',
    default: '',
    defaultNote: 'none',
    meaning: 'the PEM file with the private key of the certificate',
    read: optionalText,
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
  maxUsers: {
    flag: '--max-users',
    placeholder: 'number',
    variable: 'INCREMENTER_MAX_USERS',
    default: '100000',
    meaning: 'users at the most; beyond it new ones get 503 `users-full`',
    read: wholeNumber(1, 2 ** 20),
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
  corsOrigin: {
    flag: '--cors-origin',
    placeholder: 'origin',
    variable: 'INCREMENTER_CORS_ORIGIN',
    default: '',
    defaultNote: 'none',
    meaning: 'origin whose pages browsers let in, or `*` for any; repeatable, in the variable separated by commas',
    isRepeatable: true,
    read: origins,
  },
  logLevel: {
    flag: '--log-level',
    placeholder: 'name',
    variable: 'INCREMENTER_LOG_LEVEL',
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  logFormat: {
    flag: '--log-format',
    placeholder: 'name',
    variable: 'INCREMENTER_LOG_FORMAT',
    default: 'auto',
    meaning: '`json`, a line each; `pretty`, for people; `auto`: pretty where stderr is a terminal, else json',
    read: oneOf('auto', 'json', 'pretty'),
  },
  accessLog: {
    flag: '--access-log',
    placeholder: 'boolean',
    variable: 'INCREMENTER_ACCESS_LOG',
    default: 'false',
    meaning: 'logs each request, at the level `info`',
    isFlag: true,
    read: boolean,
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

/** @throws ConfigError naming the first option that can't be read, or an option that lacks another. */
export function readConfig(texts: OptionTexts): Config {
  const names = Object.keys(OPTIONS) as OptionName[];
  const entries = names.map((name) => [name, readOption(name, texts[name] ?? OPTIONS[name].default)]);
  const config: Config = Object.fromEntries(entries);
  const fault = faultOf(config);
  if (fault !== undefined) throw new ConfigError(fault);
  return config;
}

/** @throws ConfigError naming the option. */
export function readOption(name: OptionName, text: string): Config[OptionName] {
  const { flag, read } = OPTIONS[name];
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(`${flag} must be ${error.message}, not ${JSON.stringify(text)}`);
  }
}

/** What is wrong with options that are right each by itself. */
function faultOf({ host, auth, insecure, services, tlsCert, tlsKey }: Config): string | undefined {
  if (auth === 'required' && !services.includes('accounts')) return '--auth required must have the service accounts';
  if (tlsCert !== '' && tlsKey === '') return '--tls-cert must be given with --tls-key';
  if (tlsKey !== '' && tlsCert === '') return '--tls-key must be given with --tls-cert';
  if (isLoopback(host) || auth === 'required' || insecure) return undefined;
  return `--host must be this machine's alone, unlike ${host}, or --auth required; or --insecure, if whoever reaches it may count`;
}
