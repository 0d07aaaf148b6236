import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';

export interface CommandOptions {
  /** What comes in on stdin. */
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function command(t: Test, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { input = '', ...rest } = options;
  const process = new NodeProcess(t, [EXECUTABLE, ...args], rest);
  // A command that refuses ends without having read.
  process.child.stdin?.on('error', () => undefined).end(input);
  const { code } = await process.exit;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** Asserts that a command fails with one line on stderr and nothing else. */
export async function fails(
  t: Test,
  args: readonly string[],
  line: RegExp,
  options: CommandOptions = {},
  code = 1,
): Promise<void> {
  const outcome = await command(t, args, options);
  t.match(outcome.stderr, /^incrementer: [^\n]+\n$/, 'one line on stderr');
  t.match(outcome.stderr, line);
  t.same({ code: outcome.code, stdout: outcome.stdout }, { code, stdout: '' }, args.join(' '));
}

/** Runs a shell's script: `$0` in it is the command line, `$1` and so on are the arguments. */
export function shell(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  // The test runner has every process started with a hook of its own.
  return spawnSync('env', ['-u', 'NODE_OPTIONS', 'bash', '-c', script, EXECUTABLE, ...args], { encoding: 'utf8' });
}

export function fileIn(t: Test): string {
  return join(t.testdir({}), 'numbers.db');
}

/** A file that a server has counted in, and that it has closed; each write has one seq. */
export async function countedFile(t: Test, values: Readonly<Record<string, string | number>>): Promise<string> {
  const server = await ServerProcess.serving(t, fileIn(t));
  for (const [key, value] of Object.entries(values)) await post(server, '/increment', { key, value: `${value}` });
  await stopped(server);
  return server.db;
}

export async function stopped(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM');
  await server.exit;
}

/** Sends a form, and fails unless the reply is a 200. */
export async function post(
  server: ServerProcess,
  path: string,
  form: Record<string, string>,
): Promise<{ value: number; seq: number }> {
  const body = new URLSearchParams(form);
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body });
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as { value: number; seq: number };
}
