import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { type Truthy, until } from './condition.js';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that runs Node, and what it has printed. It does not outlive the test. */
export class NodeProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  stdout = '';
  stderr = '';
  #ended: Exit | undefined;

  constructor(t: Test, args: readonly string[], { env = {}, cwd = ROOT }: { env?: Record<string, string>; cwd?: string } = {}) {
    // The test runner has every process started with a hook of its own. It may, but for the processes under test.
    this.child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], {
      cwd,
      env: { ...plainEnvironment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exit = once(this.child, 'close').then(([code, signal]) => {
      this.#ended = { code, signal };
      return this.#ended;
    });
    t.teardown(async () => {
      this.child.kill('SIGKILL');
      await this.exit;
    });
  }

  /** How it ended, if it has. */
  get ended(): Exit | undefined {
    return this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for something it prints. */
  printed<T>(what: string, find: (process: this) => T): Promise<Truthy<T>> {
    return until(what, () => {
      const found = find(this);
      if (!found && this.#ended) throw new Error(`it ended (${JSON.stringify(this.#ended)}) before: ${what}\n${this.stderr}`);
      return found;
    });
  }
}

/** Runs a program given as text. It sees the arguments in process.argv from index 1 on. */
export function nodeProgram(t: Test, program: string, ...args: string[]): NodeProcess {
  return new NodeProcess(t, ['--input-type=module', '--eval', program, '--', ...args]);
}

/** The environment without what the test runner puts there, and without options of the server. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^(NODE_OPTIONS|TAP|INCREMENTER_|_TAPJS)/.test(name)));
}
