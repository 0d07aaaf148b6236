import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CommandError, EXIT } from '#dist/cli/exit.js';
import { check, hasFailed, judge, tap } from './check.js';
import { guardedMissing, guardedNames, measuring, readBaseline, writeBaseline } from './guarded-rows.js';
import { markdown } from './report.js';
import { save } from './results.js';
import { session } from './session.js';

interface Options {
  readonly quick?: boolean;
  readonly only?: string;
  readonly trials?: number;
  readonly seconds?: number;
  readonly dirty?: number;
  readonly counters?: number;
  readonly users?: number;
  readonly save?: string | true;
  readonly check?: true;
  readonly writeBaseline?: true;
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
  growth: { sizes: [1_000, 1_000_000, 10_000_000], seconds: 5 },
};
const QUICK = {
  trials: 1,
  seconds: 1,
  warmUpSeconds: 0.25,
  dirty: 100_000,
  counters: 100_000,
  users: 100_000,
  labRequests: 500,
  growth: { sizes: [1_000, 10_000], seconds: 1 },
};

/** What the check takes: trials this long have 200 ticks of the clock that counts processor time. */
const CHECK = { trials: 3, seconds: 2, warmUpSeconds: 0.5 };
const BASELINE_TRIALS = 7;

const RESULTS = 'bench/results';

const command = new Command('bench')
  .description('Measure what this machine does. Prints Markdown; what it is at goes to stderr.')
  .option('--quick', 'about a minute: one short trial of each row, smaller sizes; of a check, without the disk')
  .option('--only <text>', 'the tables and figures with this in their title')
  .option('--trials <number>', 'trials of each row', whole)
  .option('--seconds <number>', 'length of a trial, in whole seconds', whole)
  .option('--dirty <number>', 'counters in the measured drain', whole)
  .option('--counters <number>', 'counters to load and to look at', whole)
  .option('--users <number>', 'users with points', whole)
  .option('--save [folder]', `writes the results there too, as JSON and Markdown (default: ${RESULTS})`)
  .option('--check', 'only compares server CPU with bench/baseline.json; fails where a request takes over 15 % more')
  .option('--write-baseline', 'only measures what the check compares with, and stores it')
  .exitOverride();

try {
  const options = command.parse().opts<Options>();
  if ((options.check || options.writeBaseline) && guardedMissing !== undefined)
    throw new CommandError(`${guardedMissing} is not installed`);
  if (options.writeBaseline) await storeBaseline(options);
  else if (options.check) await compareWithBaseline(options);
  else await measureAll(options);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else if (error instanceof CommandError) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = EXIT.failed;
  } else throw error;
}

async function measureAll({
  quick = false,
  only = '',
  save: folder,
  check: _,
  writeBaseline: __,
  ...given
}: Options): Promise<void> {
  const results = await session({ ...(quick ? QUICK : FULL), ...given, quick, only }, progress);
  if (results.tables.length + results.groups.length === 0) command.error(`error: no title has '${only}' in it`);
  process.stdout.write(markdown(results));
  if (folder !== undefined) progress(`saved: ${save(results, folder === true ? RESULTS : folder)}.json and .md`);
}

async function compareWithBaseline({ quick = false, trials = CHECK.trials, seconds = CHECK.seconds }: Options): Promise<void> {
  const measure = measuring({ ...CHECK, seconds }, progress);
  const verdicts = await check(guardedNames(quick), readBaseline(), trials, measure);
  process.stdout.write(tap(verdicts));
  if (verdicts.some(hasFailed)) process.exitCode = EXIT.failed;
}

async function storeBaseline({ trials = BASELINE_TRIALS, seconds = CHECK.seconds }: Options): Promise<void> {
  const measured = await measuring({ ...CHECK, seconds }, progress)(guardedNames(false), trials);
  writeBaseline([...measured].map(([name, pairs]) => judge(name, pairs, undefined)));
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('A whole number from 1 was expected.');
  return value;
}
