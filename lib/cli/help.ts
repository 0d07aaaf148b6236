import type { OptionName } from '../config.js';
import { EXPORT_FORMATS } from './export.js';

/** Under which heading `start --help` has an option. */
export const OPTION_GROUPS = {
  services: 'What it serves:',
  pointsUsers: 'What it serves:',
  pointsTick: 'What it serves:',
  labDelay: 'What it serves:',
  labLimit: 'What it serves:',
  port: 'Where it listens:',
  host: 'Where it listens:',
  transport: 'Where it listens:',
  tlsCert: 'Where it listens:',
  tlsKey: 'Where it listens:',
  auth: 'Who is let in:',
  insecure: 'Who is let in:',
  corsOrigin: 'Who is let in:',
  trustProxy: 'Who is let in:',
  db: 'What is on disk, and when:',
  syncInterval: 'What is on disk, and when:',
  durability: 'What is on disk, and when:',
  diskTimeout: 'What is on disk, and when:',
  stopTimeout: 'What is on disk, and when:',
  idempotencyTtl: 'Limits:',
  idempotencyMax: 'Limits:',
  queueSize: 'Limits:',
  maxCounters: 'Limits:',
  maxSources: 'Limits:',
  maxUsers: 'Limits:',
  maxReaders: 'Limits:',
  maxBatchBytes: 'Limits:',
  logLevel: 'What it logs:',
  logFormat: 'What it logs:',
  accessLog: 'What it logs:',
} as const satisfies Record<OptionName, string>;

export const CONFIG_MEANING = 'a JSON object of options, named as the flags: {"port": 3333, "sync-interval": "5s"}';

/** What follows the list of commands. */
export const PROGRAM_EPILOGUE = `
Examples:
  incrementer start --port 8080 --db /var/lib/incrementer/numbers.db
  incrementer backup /backup/numbers-$(date +%F).db && incrementer verify /backup/numbers-$(date +%F).db
  incrementer export --prefix views: --format csv > views.csv
  incrementer import --mode set views.csv
  incrementer help import

Environment:
  Every option has a variable, named in its command's help: INCREMENTER_PORT for --port, and
  INCREMENTER_CONFIG for --config. What is given on the command line goes before the environment,
  the environment before the config file, and the config file before the default. A start warns of
  variables INCREMENTER_… that belong to no option.

Exit status:
  0  done; verify: the file is sound
  1  it could not be done, and the file is as it was; verify: the file is not sound
  2  the command line, the environment or the config file is wrong, and nothing was tried;
     verify: the file can't be read

Files:
  numbers.db          the counters: a SQLite file, which other programs may read at any time
  numbers.db-wal      what was written last; it belongs to the file for as long as it is there
  numbers.db-shm      an index of that
  numbers.db-lock     which server has the file; it stays behind, and can be left alone
  numbers.db-control  a socket of the server that has the file, for incrementer user`;

export const START_EPILOGUE = `
Times are 500ms, 5s, 10m, 24h, or bare seconds; sizes are bytes, or 64KiB, 16MiB.

Examples:
  incrementer start
  incrementer start --port 0 --durability disk
  incrementer start --services counters,accounts,points --points-users 50000
  incrementer start --config /etc/incrementer.json --log-level debug
  incrementer start --host 0.0.0.0 --auth required --tls-cert cert.pem --tls-key key.pem

Signals:
  SIGTERM, SIGINT  write everything to disk and stop; another one, a second later, stops at once
  SIGHUP           read certificate and key again`;

export const EXPORT_DESCRIPTION = `Write every counter to stdout, in the order in which they were made.

ndjson is a line for each counter: {"key":"a","value":1}. A value outside of +-(2^53-1) is a string, as in the API. csv (RFC 4180) has its columns in the first line: ${EXPORT_FORMATS.csv.beginning.trim()}. A counter with an end has that as expires_ms, in milliseconds since 1970; one that has ended is left out. Sources, and idempotency keys, are in a backup only.

A server may run on the file: then it is what was on disk when the export began, all of one instant. POST /drain before it, for everything that was counted. However many counters there are, memory is bounded.`;

export const EXPORT_EPILOGUE = `
Examples:
  incrementer export > numbers.ndjson
  incrementer export --prefix views: --format csv | sort > views.csv`;

export const IMPORT_DESCRIPTION = `Add what a file has to the counters, or set them to it: all of it in one transaction, or nothing.

The input is what export writes: a JSON object a line, or csv with the columns key, value and, if there is one, expires_ms in the first line. Keys and values are held to the rules of the API, and the first line that breaks one ends the import, with its number. A key may come again: its lines count in their order.

A counter that is new gets the end that its line has, if it has one. One that is there keeps its own with add, and a line with an end for a counter without one is an error; with set it gets the line's. Lines that have ended are left out.

No server may run on the file: to add while one does, send it POST /increments.`;

export const IMPORT_EPILOGUE = `
Examples:
  incrementer import numbers.ndjson
  incrementer export --db old.db | incrementer import --db new.db --mode set`;

export const BACKUP_DESCRIPTION = `Copy the database into one file, also while a server runs on it.

The copy is of one instant: what was on disk when it began. It has its name only when it is complete and on disk. POST /drain before it, for everything that was counted. While it is made, the server's log file grows by what is written.

start takes the copy as it is. Of a server that was running it says what it would say after a crash at that instant: that nothing is lost, where nothing was pending; otherwise how much was in memory only, at most.`;

export const BACKUP_EPILOGUE = `
Examples:
  incrementer backup /backup/numbers.db
  incrementer backup /backup/latest.db --force && incrementer verify /backup/latest.db`;

export const VERIFY_DESCRIPTION = `Look whether a file is sound: SQLite's integrity check, tables as expected, every value of its type, and a state that is possible. A server may run on the file. Nothing is changed.`;

export const VERIFY_EPILOGUE = `
Exit status:
  0  the file is sound
  1  it is not
  2  it can't be read: it is not there, no database, locked, or of a newer version

Examples:
  incrementer verify numbers.db
  incrementer verify --json /backup/latest.db | jq .state.seq`;

export const USER_DESCRIPTION = `Make, list and remove users, who have tokens for a server that asks for them (start --auth required). The server that has the file is asked where there is one; else it is done on the file. No token is needed: whoever may write the file may do it.`;

export const USER_ADD_DESCRIPTION = `Make a user. Without --token-stdin a token is made, and shown this once: it is all there is on stdout.`;

export const USER_ADD_EPILOGUE = `
Examples:
  incrementer user add root --scope admin
  TOKEN=$(incrementer user add shop --prefix shop:)
  pass show counters | incrementer user add reader --scope read --token-stdin`;

export const BENCH_DESCRIPTION = `Measure what this machine does: servers of their own on files of their own, in turns with the bare floor and, where they are installed, Redis, Webdis and PostgreSQL. Takes up to a quarter of an hour, with --quick about a minute, and no option of a server. incrementer bench --help tells its options.`;

export const RESET_DESCRIPTION = `Put the database back to a fresh state. Every counter is lost. Asks first; refuses while a server runs on the file.`;

export const RESET_EPILOGUE = `
Examples:
  incrementer reset
  incrementer reset --yes --db test.db`;
