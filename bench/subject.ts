import { type ChildProcess, spawn } from 'node:child_process';
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

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
  }

  /** The bare uWebSockets.js handler. */
  static floor(): Promise<Subject> {
    return Subject.#startNode([FLOOR]);
  }

  /** Incrementer on a fresh file. */
  static incrementer(): Promise<Subject> {
    return Subject.#startNode([INCREMENTER, 'start', '--port', '0']);
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

  static #startNode(argv: string[]): Promise<Subject> {
    return Subject.#start(process.execPath, argv, 'stderr', (line) => {
      const entry = JSON.parse(line) as { msg?: string; port?: number };
      return entry.msg === 'serving' ? entry.port : undefined;
    });
  }

  static async #start(
    program: string,
    argv: string[],
    output: 'stdout' | 'stderr',
    portIn: (line: string) => number | undefined,
  ): Promise<Subject> {
    const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
    const child = spawn(program, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for await (const line of createInterface({ input: child[output] as Readable })) {
      const port = portIn(line);
      if (port !== undefined) return new Subject(child, folder, port);
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

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
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
