import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { ConfigError, OPTIONS, type OptionName, type OptionTexts } from '../config.js';
import { ListenError } from '../http/transport.js';
import { TransportError } from '../server.js';
import { StoreRefusal } from '../store/store.js';
import { reset } from './reset.js';
import { start } from './start.js';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** Runs the command line. Ends the process with a line on stderr when a command can't do its work. */
export async function main(argv: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const program = new Command('incrementer').description('A counter service: HTTP in front, SQLite behind.').version(version);
  const startCommand = program.command('start').description('serve until SIGTERM or SIGINT');
  for (const name of Object.keys(OPTIONS) as OptionName[]) startCommand.addOption(optionOf(name));
  startCommand.action((texts: OptionTexts) => start(texts));
  program
    .command('reset')
    .description('put the database back to a fresh state; every counter is lost')
    .addOption(optionOf('db'))
    .option('--yes', 'do not ask')
    .action(({ db, yes }: { db: string; yes?: true }) => reset(db, yes === true));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!isForUser(error)) throw error;
    process.stderr.write(`incrementer: ${error.message}\n`);
    process.exit(1);
  }
}

function optionOf(name: OptionName): Option {
  const { flag, placeholder, variable, meaning } = OPTIONS[name];
  return new Option(`${flag} <${placeholder}>`, meaning).env(variable).default(OPTIONS[name].default);
}

/** Whether an error's message is all that a person needs to know. */
function isForUser(error: unknown): error is Error {
  return [ConfigError, ListenError, StoreRefusal, TransportError].some((type) => error instanceof type);
}
