import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE } from '../server-process.js';
import { configOf, deployed, guardedServer, TLS } from './deployed.js';

const unit = deployed('incrementer.service');

/** The last value of a setting. A line that ends in a backslash goes on in the next. */
function setting(name: string): string {
  const lines = unit.replaceAll('\\\n', ' ').split('\n');
  return lines.findLast((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** Runs systemd-analyze on the unit, as it would be where everything is installed. */
function analyze(t: Test, args: readonly string[], text = unit): { status: number | null; output: string } {
  const path = join(t.testdir(), 'incrementer.service');
  writeFileSync(path, text.replaceAll('/usr/bin/incrementer', EXECUTABLE).replaceAll('/usr/bin/node', process.execPath));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('systemd takes the unit as it is', async (t) => {
  t.same(analyze(t, ['verify']), { status: 0, output: '' });
  t.not(analyze(t, ['verify'], `${unit}\n[Service]\nProtectSytem=strict\n`).output, '', 'it finds what is wrong');
});

test('systemd finds the unit well shut off', async (t) => {
  const { status, output } = analyze(t, ['security', '--offline=yes', '--no-pager', '--threshold=15']);
  t.equal(status, 0, output.trim().split('\n').at(-1) ?? '');
  t.equal(setting('MemoryDenyWriteExecute'), '', 'V8 compiles to machine code');
});

test('its server asks for a token, and a stop has more time than it may take', async (t) => {
  const [program, ...args] = setting('ExecStart').split(' ');
  t.equal(program, '/usr/bin/incrementer');
  const config = configOf(args);
  t.equal(config.auth, 'required');
  const stopMs = Number(/^(\d+)s$/.exec(setting('TimeoutStopSec'))?.[1]) * 1_000;
  t.ok(stopMs > config.stopTimeout, `${stopMs} > ${config.stopTimeout}`);
});

/** The command that the unit's start ends with, and what it finds in its environment. */
function waitUntilReady(t: Test, port: number, mainPid: number, more: Record<string, string> = {}): NodeProcess {
  const [, args = '', program = ''] = /^\/usr\/bin\/node (.*?) "(.*)"$/.exec(setting('ExecStartPost')) ?? [];
  return new NodeProcess(t, [...args.split(' '), program], {
    env: { INCREMENTER_PORT: `${port}`, MAINPID: `${mainPid}`, ...more },
  });
}

test('the unit is up when the server is ready, and not before', async (t) => {
  const asked: string[] = [];
  const answers = [503, 503, 200];
  const loading = createServer(({ url = '' }, res) => {
    asked.push(url);
    res.writeHead(answers.shift() ?? 500).end();
  });
  loading.listen(0, '127.0.0.1');
  t.teardown(() => loading.close());
  await once(loading, 'listening');
  const waiting = waitUntilReady(t, (loading.address() as AddressInfo).port, process.pid);
  t.same(await waiting.exit, { code: 0, signal: null }, waiting.stderr);
  t.same(asked, ['/readyz', '/readyz', '/readyz']);
});

test('a server with TLS is found ready, whatever its certificate is for', async (t) => {
  const server = await guardedServer(t, TLS);
  const waiting = waitUntilReady(t, server.port, server.child.pid ?? 0, TLS);
  t.same(await waiting.exit, { code: 0, signal: null }, waiting.stderr);
});

test('the start fails at once when the server has ended', async (t) => {
  const ended = new NodeProcess(t, ['--eval', '']);
  await ended.exit;
  const waiting = waitUntilReady(t, 1, ended.child.pid ?? 0);
  t.equal((await waiting.exit).code, 1);
});
