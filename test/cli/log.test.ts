import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { askServer } from '../../dist/http/control-socket.js';
import { until } from '../condition.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';

const ESCAPE = '\x1b[';

/** Where a socket can be beside it: t.testdir has names that are too long for one. */
function fileIn(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, 'numbers.db');
}

test('a log that goes to a file or a pipe is JSON, a line each', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t));
  await server.increment('a');
  server.signal('SIGTERM');
  await server.exit;
  const lines = server.stderr.trimEnd().split('\n');
  for (const line of lines) t.match(JSON.parse(line), { level: Number, time: Number, msg: String });
  t.same(
    server.log().map(({ msg }) => msg),
    ['serving', 'stopping', 'stopped, everything is on disk'],
  );
});

test('--log-format pretty is for people, without colours where there is no terminal', async (t) => {
  const server = new ServerProcess(t, fileIn(t), ['--log-format', 'pretty']);
  await server.printed('it serves', ({ stderr }) => /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: serving\n/m.test(stderr));
  server.signal('SIGTERM');
  t.same(await server.exit, { code: 0, signal: null });
  t.match(server.stderr, /INFO: stopped, everything is on disk\n/, 'the last line is out before the end');
  t.notMatch(server.stderr, /[{]"level"/);
  t.notOk(server.stderr.includes(ESCAPE));
});

for (const [args, isPretty] of [
  [[], true],
  [['--log-format', 'json'], false],
] as const) {
  const what = `on a terminal the log is ${isPretty ? 'for people' : 'JSON where that is asked for'}`;
  // script(1) gives a program a terminal; a part of every Linux.
  test(what, { skip: process.platform === 'linux' ? false : 'script(1) is another program elsewhere' }, async (t) => {
    const command = [process.execPath, EXECUTABLE, 'start', '--port', '0', '--db', fileIn(t), ...args].join(' ');
    const child = spawn('script', ['-q', '-e', '-c', `env -u NODE_OPTIONS ${command}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    t.teardown(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
    await until('it serves', () => /serving/.test(shown));
    t.equal(shown.startsWith('{'), !isPretty);
    t.equal(shown.includes(ESCAPE), isPretty, 'with colours, where it is for people');
  });
}

test('levels leave out what is below them', async (t) => {
  const server = new ServerProcess(t, fileIn(t), ['--log-level', 'error']);
  await until('it serves', async () => existsSync(server.db) && (await askServer(server.db, 'GET', '/users'))?.status === 200);
  server.signal('SIGTERM');
  t.same(await server.exit, { code: 0, signal: null });
  t.equal(server.stderr, '');
});
