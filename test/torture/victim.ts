import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, type Reply } from './connection.js';

/** This runs from test/ and, compiled, from dist/. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

const CHECK_MS = 2;
const PATIENCE_MS = 30_000;

/** `incrementer start` as a process that is to be killed. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #hasExited = false;
  stderr = '';
  port = 0;

  constructor(db: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    // Options of the server do not go along, nor does what a test runner has every process started with.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(TAP|INCREMENTER_|_TAPJS)/.test(name));
    const command = [process.execPath, join(ROOT, 'bin', 'incrementer'), 'start', '--port', '0', '--db', db, ...args];
    this.#child = spawn('env', ['-u', 'NODE_OPTIONS', ...command], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#exit = once(this.#child, 'close').then(() => {
      this.#hasExited = true;
    });
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Waits until it serves. @throws Error when it ends before. */
  async serves(): Promise<this> {
    for (const startMs = performance.now(); performance.now() - startMs < PATIENCE_MS; await delay(CHECK_MS)) {
      const port = /"port":(\d+),.*"msg":"serving"/.exec(this.stderr)?.[1];
      if (port !== undefined) {
        this.port = Number(port);
        return this;
      }
      if (this.#hasExited) throw new Error(`the server ended before it served:\n${this.stderr}`);
    }
    throw new Error(`the server does not come up:\n${this.stderr}`);
  }

  /** One request on a connection of its own. */
  async ask(method: string, target: string, body?: string): Promise<Reply> {
    const connection = await Connection.open(this.port);
    try {
      return await connection.request(method, target, body);
    } finally {
      connection.close();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it, and resolves when it has ended: with the status, or `null` after a kill. */
  async end(name: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.signal(name);
    await this.#exit;
    return this.#child.exitCode;
  }

  async exit(): Promise<number | null> {
    await this.#exit;
    return this.#child.exitCode;
  }
}
