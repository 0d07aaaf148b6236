import { Command, CommanderError, Option } from 'commander';
import { ConfigError, OPTIONS, type OptionName, type OptionTexts } from '../config.js';
import { SCOPES } from '../http/caller.js';
import { ControlError } from '../http/control-socket.js';
import { TlsError } from '../http/tls.js';
import { ListenError, TransportError } from '../http/transport.js';
import { StoreRefusal } from '../store/store.js';
import { VERSION } from '../version.js';
import { type BackupCommandOptions, backup } from './backup.js';
import { bench } from './bench.js';
import { readConfigFile } from './config-file.js';
import { CONFIG_VARIABLE } from './environment.js';
import { CommandError, EXIT } from './exit.js';
import { EXPORT_FORMATS, type ExportOptions, exportCounters } from './export.js';
import * as help from './help.js';
import { IMPORT_FORMATS, type ImportOptions, importCounters } from './import.js';
import { reset } from './reset.js';
import type { UserAddOptions, UserOptions } from './user.js';
import { verifyFile } from './verify.js';

/** Runs the command line. Ends the process with a line on stderr when a command can't do its work. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await commandLine().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
    if (!isForUser(error)) throw error;
    process.stderr.write(`incrementer: ${error.message}\n`);
    process.exit(error instanceof ConfigError ? EXIT.usage : EXIT.failed);
  }
}

function commandLine(): Command {
  const program = new Command('incrementer')
    .description('A counter service: HTTP in front, every counter in memory, one SQLite file behind.')
    .version(VERSION)
    .addHelpText('after', help.PROGRAM_EPILOGUE)
    .configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
    .exitOverride()
    .hook('preAction', (_, command) => applyConfigFile(command));
  addStart(program);
  addExport(program);
  addImport(program);
  addBackup(program);
  addVerify(program);
  addUserCommands(program);
  addReset(program);
  addBench(program);
  return program;
}

/** An error of commander's, with the suggestion that may follow it, as all other errors are written. */
function inOneLine(text: string): string {
  return `${text
    .trim()
    .replace(/^error/, 'incrementer')
    .replaceAll('\n', ' ')}\n`;
}

function addStart(program: Command): void {
  const command = program.command('start').summary('serve until SIGTERM or SIGINT').description('Serve until SIGTERM or SIGINT.');
  for (const name of Object.keys(OPTIONS) as OptionName[]) command.addOption(optionOf(name).helpGroup(help.OPTION_GROUPS[name]));
  command
    .addOption(configOption())
    .addHelpText('after', help.START_EPILOGUE)
    .action(async (texts: OptionTexts) => (await import('./start.js')).start(texts));
}

function addExport(program: Command): void {
  program
    .command('export')
    .summary('write every counter to stdout')
    .description(help.EXPORT_DESCRIPTION)
    .addOption(optionOf('db'))
    .addOption(new Option('--format <name>', 'how they are written').choices(Object.keys(EXPORT_FORMATS)).default('ndjson'))
    .option('--prefix <text>', 'only those whose keys begin with it', '')
    .addOption(configOption())
    .addHelpText('after', help.EXPORT_EPILOGUE)
    .action((options: ExportOptions) => exportCounters(options));
}

function addImport(program: Command): void {
  program
    .command('import')
    .summary('add counters from a file, or set them')
    .description(help.IMPORT_DESCRIPTION)
    .argument('[file]', 'what is read; stdin, if it is left out')
    .addOption(optionOf('db'))
    .addOption(new Option('--mode <name>', 'add to what is there, or set it').choices(['add', 'set']).default('add'))
    .addOption(
      new Option('--format <name>', 'how it is written (default: "csv" for a file *.csv, otherwise "ndjson")').choices(
        Object.keys(IMPORT_FORMATS),
      ),
    )
    .addOption(configOption())
    .addHelpText('after', help.IMPORT_EPILOGUE)
    .action((file: string | undefined, options: ImportOptions) => importCounters(file, options));
}

function addBackup(program: Command): void {
  program
    .command('backup')
    .summary('copy the database into one file')
    .description(help.BACKUP_DESCRIPTION)
    .argument('<file>', 'the copy')
    .addOption(optionOf('db'))
    .option('--force', 'replace a file that is there')
    .addOption(configOption())
    .addHelpText('after', help.BACKUP_EPILOGUE)
    .action((file: string, options: BackupCommandOptions) => backup(file, options));
}

function addVerify(program: Command): void {
  program
    .command('verify')
    .summary('look whether a file is sound')
    .description(help.VERIFY_DESCRIPTION)
    .argument('<file>', 'a database, or a backup of one')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help.VERIFY_EPILOGUE)
    .action((file: string, { json }: { json?: true }) => verifyFile(file, json === true));
}

function addReset(program: Command): void {
  program
    .command('reset')
    .summary('put the database back to a fresh state; every counter is lost')
    .description(help.RESET_DESCRIPTION)
    .addOption(optionOf('db'))
    .option('--yes', 'do not ask')
    .addOption(configOption())
    .addHelpText('after', help.RESET_EPILOGUE)
    .action(({ db, yes }: { db: string; yes?: true }) => reset(db, yes === true));
}

function addBench(program: Command): void {
  program
    .command('bench')
    .summary('measure what this machine does, beside the floor and Redis')
    .description(help.BENCH_DESCRIPTION)
    .argument('[options...]', 'options of the benchmark')
    .allowUnknownOption()
    .helpOption(false)
    .action((options: string[]) => bench(options));
}

function configOption(): Option {
  return new Option('--config <file>', help.CONFIG_MEANING).env(CONFIG_VARIABLE);
}

/** Puts what a config file has in the place of defaults: flags and the environment go before it. */
function applyConfigFile(command: Command): void {
  const { config } = command.opts<{ config?: string }>();
  if (config === undefined) return;
  for (const [name, text] of readConfigFile(config)) {
    if ((command.getOptionValueSource(name) ?? 'default') === 'default') command.setOptionValueWithSource(name, text, 'config');
  }
}

/** Loaded when it is needed, as `start` is: they have the whole server with them, and what works on a file alone has no use for it. */
function users() {
  return import('./user.js');
}

function addUserCommands(program: Command): void {
  const user = program.command('user').summary('make, list and remove users').description(help.USER_DESCRIPTION);
  user
    .command('add')
    .summary('make a user')
    .description(help.USER_ADD_DESCRIPTION)
    .argument('<name>', 'what it is called')
    .addOption(optionOf('db'))
    .addOption(optionOf('maxUsers'))
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).default('write'))
    .option('--prefix <prefix>', 'the beginning of the keys that it may read or write; all, if left out', '')
    .option('--token-stdin', 'read the token from stdin')
    .addOption(configOption())
    .addHelpText('after', help.USER_ADD_EPILOGUE)
    .action(async (name: string, options: UserAddOptions) => (await users()).addUser(name, options));
  user
    .command('list')
    .description('List the users.')
    .addOption(optionOf('db'))
    .addOption(optionOf('maxUsers'))
    .addOption(configOption())
    .action(async (options: UserOptions) => (await users()).listUsers(options));
  user
    .command('remove')
    .description('End the account of a user.')
    .argument('<name>', 'what it is called')
    .addOption(optionOf('db'))
    .addOption(optionOf('maxUsers'))
    .addOption(configOption())
    .action(async (name: string, options: UserOptions) => (await users()).removeUser(name, options));
}

function optionOf(name: OptionName): Option {
  const { flag, placeholder, variable, meaning, ...option } = OPTIONS[name];
  if ('isFlag' in option) return new Option(`${flag} [${placeholder}]`, meaning).env(variable).preset('true');
  const read = new Option(`${flag} <${placeholder}>`, meaning).env(variable);
  // A default would be what the first text is joined to.
  return 'isRepeatable' in option ? read.argParser(join) : read.default(option.default);
}

function join(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}

/** Whether an error's message is all that a person needs to know. */
function isForUser(error: unknown): error is Error {
  return [CommandError, ConfigError, ControlError, ListenError, StoreRefusal, TlsError, TransportError].some(
    (type) => error instanceof type,
  );
}
