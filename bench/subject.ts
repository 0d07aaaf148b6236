import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const INCREMENTER = fileURLToPath(new URL('../../bin/incrementer', import.meta.url));
const FLOOR = fileURLToPath(new URL('./floor.js', import.meta.url));

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** A server under load, in a process and a folder of its own. */
export class Subject {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly port: number;
  /** From its start until it served, in milliseconds. */
  readonly startMs: number;

  private constructor(process: ChildProcess, folder: string, port: number, startMs: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
    this.startMs = startMs;
  }

  /** The bare uWebSockets.js handler. */
  static floor(): Promise<Subject> {
    return Subject.#startNode([FLOOR]);
  }

  /** Incrementer on a fresh file. */
  static incrementer(): Promise<Subject> {
    return Subject.#startNode([INCREMENTER, 'start', '--port', '0']);
  }

  /** Incrementer with options, on the file of a folder: to be stopped with `end`, which leaves the folder. */
  static on(folder: string, options: readonly string[]): Promise<Subject> {
    return Subject.#startNode([INCREMENTER, 'start', '--port', '0', ...options], undefined, folder);
  }

  /** The same where everything needs a token, and `xyz` is one. */
  static guarded(): Promise<Subject> {
    return Subject.#startNode([INCREMENTER, 'start', '--port', '0', '--auth', 'required'], (folder) => {
      execFileSync(process.execPath, [INCREMENTER, 'user', 'add', 'mouad', '--scope', 'admin', '--token-stdin'], {
        cwd: folder,
        input: 'xyz',
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    });
  }

  /** The same with so many users who have points. No tick comes by itself; one has been. */
  static async points(users: number): Promise<Subject> {
    const options = ['--services', 'counters,points', '--points-users', String(users), '--points-tick', '24h'];
    const subject = await Subject.#startNode([INCREMENTER, 'start', '--port', '0', ...options]);
    const url = `http://127.0.0.1:${subject.port}`;
    await fetch(`${url}/drain`, { method: 'POST' });
    await fetch(`${url}/points/tick?durability=disk`, { method: 'POST' });
    return subject;
  }

  /** The same with the load lab, whose resource takes so long a use. */
  static lab(delayMs: number): Promise<Subject> {
    return Subject.#startNode([INCREMENTER, 'start', '--port', '0', '--services', 'counters,lab', '--lab-delay', `${delayMs}ms`]);
  }

  /** A Redis that appends every command to its file, and syncs that before it replies; or one that writes nothing. */
  static async redis(kind: 'always' | 'memory'): Promise<Subject> {
    const port = await freePort();
    const appending = kind === 'always' ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const argv = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', ...appending];
    return Subject.#start('redis-server', argv, 'stdout', (line) =>
      line.includes('Ready to accept connections') ? port : undefined,
    );
  }

  static #startNode(argv: string[], prepare?: (folder: string) => void, folder?: string): Promise<Subject> {
    const portIn = (line: string) => {
      const entry = JSON.parse(line) as { msg?: string; port?: number };
      return entry.msg === 'serving' ? entry.port : undefined;
    };
    return Subject.#start(process.execPath, argv, 'stderr', portIn, prepare, folder);
  }

  static async #start(
    program: string,
    argv: string[],
    output: 'stdout' | 'stderr',
    portIn: (line: string) => number | undefined,
    prepare: (folder: string) => void = () => undefined,
    folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-')),
  ): Promise<Subject> {
    prepare(folder);
    const startMs = performance.now();
    const child = spawn(program, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for await (const line of createInterface({ input: child[output] as Readable })) {
      const port = portIn(line);
      if (port !== undefined) return new Subject(child, folder, port, performance.now() - startMs);
    }
    throw new Error(`${program} ${argv.join(' ')} did not start`);
  }

  /** Processor time so far, all threads, user and system, in microseconds; NaN where there is no /proc. */
  cpuMicros(): number {
    try {
      const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'latin1');
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number) as [number, number];
      return ((user + system) / TICKS_PER_S) * 1e6;
    } catch {
      return Number.NaN;
    }
  }

  /** What of it is in memory; NaN where there is no /proc. */
  residentBytes(): number {
    try {
      const status = readFileSync(`/proc/${this.#process.pid}/status`, 'latin1');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    } catch {
      return Number.NaN;
    }
  }

  /** Has it stop in order, unless it has, and leaves its folder. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
