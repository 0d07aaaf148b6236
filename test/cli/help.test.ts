import { test } from 'tap';
import { OPTIONS } from '../../dist/config.js';
import { command, fails } from './command.js';

const COMMANDS = ['start', 'export', 'import', 'backup', 'verify', 'reset'];
const WRONG_USAGE = 2;

test('--help has every command, examples, the environment, what it ends with, and its files', async (t) => {
  const { code, stdout, stderr } = await command(t, ['--help']);
  t.same({ code, stderr }, { code: 0, stderr: '' });
  for (const name of [...COMMANDS, 'user', 'bench']) t.match(stdout, new RegExp(`^  ${name} `, 'm'));
  for (const heading of ['Examples:', 'Environment:', 'Exit status:', 'Files:']) t.match(stdout, new RegExp(`^${heading}$`, 'm'));
});

test('start --help has every option, under a heading, with its variable and its default', async (t) => {
  const { stdout } = await command(t, ['start', '--help']);
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const { flag, placeholder, variable, meaning, ...option } of Object.values(OPTIONS)) {
    // A flag may be given a value; what may be given more than once is nothing by default.
    const [value, note] =
      'isFlag' in option
        ? [`[${placeholder}]`, 'preset: "true", ']
        : [`<${placeholder}>`, 'isRepeatable' in option ? '' : 'default: '];
    t.ok(text.includes(`${flag} ${value} ${meaning} (${note}`), flag);
    t.ok(text.includes(`env: ${variable})`), variable);
  }
  t.match(stdout, /^Limits:\n {2}--/m);
});

test('every command tells what it does, and has an example', async (t) => {
  for (const name of COMMANDS) {
    const { code, stdout } = await command(t, [name, '--help']);
    t.equal(code, 0);
    t.match(stdout, new RegExp(`^Usage: incrementer ${name} `));
    t.match(stdout, new RegExp(`^  incrementer ${name}( |$)`, 'm'));
  }
});

test('what is mistyped is told what it may be meant for', async (t) => {
  const faults: [args: string[], line: RegExp][] = [
    [['exprt'], /^incrementer: unknown command 'exprt' \(Did you mean export\?\)$/m],
    [['start', '--prot', '1'], /^incrementer: unknown option '--prot' \(Did you mean --port\?\)$/m],
    [['export', '--format', 'xml'], /'xml' is invalid\. Allowed choices are ndjson, csv/],
    [['import', '--mode', 'replace'], /'replace' is invalid\. Allowed choices are add, set/],
    [['backup'], /missing required argument 'file'/],
    [['verify', 'a.db', 'b.db'], /too many arguments/],
    [['export', '--db'], /argument missing/],
  ];
  for (const [args, line] of faults) await fails(t, args, line, {}, WRONG_USAGE);
});

test('without a command the help goes to stderr', async (t) => {
  const { code, stdout, stderr } = await command(t, []);
  t.same({ code, stdout }, { code: WRONG_USAGE, stdout: '' });
  t.match(stderr, /^Usage: incrementer/);
});
