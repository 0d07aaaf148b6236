import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from '#dist/cli/exit.js';
import { markdown } from './report.js';
import { save } from './results.js';
import { session } from './session.js';

interface Options {
  readonly quick: boolean;
  readonly only: string;
  readonly trials?: number;
  readonly seconds?: number;
  readonly dirty?: number;
  readonly counters?: number;
  readonly users?: number;
  readonly save?: string | true;
}

/** What is measured where nothing is said: within a quarter of an hour, or within about a minute. */
const FULL = {
  trials: 5,
  seconds: 2,
  warmUpSeconds: 0.5,
  dirty: 100_000,
  counters: 1_000_000,
  users: 1_000_000,
  labRequests: 3_000,
};
const QUICK = { trials: 1, seconds: 1, warmUpSeconds: 0.25, dirty: 100_000, counters: 100_000, users: 100_000, labRequests: 500 };

const RESULTS = 'bench/results';

const command = new Command('bench')
  .description('Measure what this machine does. Prints Markdown; what it is at goes to stderr.')
  .option('--quick', 'about a minute: one short trial of each row, smaller sizes', false)
  .option('--only <text>', 'the tables and figures with this in their title', '')
  .option('--trials <number>', 'trials of each row', whole)
  .option('--seconds <number>', 'length of a trial, in whole seconds', whole)
  .option('--dirty <number>', 'counters in the measured drain', whole)
  .option('--counters <number>', 'counters to load and to look at', whole)
  .option('--users <number>', 'users with points', whole)
  .option('--save [folder]', `writes the results there too, as JSON and Markdown (default: ${RESULTS})`)
  .exitOverride();

try {
  const { quick, only, save: folder, ...given } = command.parse().opts<Options>();
  const results = await session({ ...(quick ? QUICK : FULL), ...given, quick, only }, progress);
  if (results.tables.length + results.groups.length === 0) command.error(`error: no title has '${only}' in it`);
  process.stdout.write(markdown(results));
  if (folder !== undefined) progress(`saved: ${save(results, folder === true ? RESULTS : folder)}.json and .md`);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('A whole number from 1 was expected.');
  return value;
}
