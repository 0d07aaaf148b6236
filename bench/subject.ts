import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes, treeMicros } from './processor.js';

/** A process to start, and how one sees that it serves. */
export interface Program {
  readonly program: string;
  readonly argv: readonly string[];
  /** Where it prints that it serves. */
  readonly output?: 'stdout' | 'stderr';
  /** The port, in the line that says so; in any other, undefined. Where there is none it serves as soon as it runs. */
  readonly portIn?: (line: string) => number | undefined;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What makes it stop. */
  readonly signal?: NodeJS.Signals;
}

/** A server under load, in processes and a folder of its own. */
export class Subject {
  readonly #folder: string;
  readonly #isFolderKept: boolean;
  readonly #running: { child: ChildProcess; signal: NodeJS.Signals }[] = [];
  #port = Number.NaN;

  private constructor(folder: string | undefined) {
    this.#folder = folder ?? mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
    this.#isFolderKept = folder !== undefined;
  }

  /**
   * Starts what `prepare` asks for; what was started does not outlive a failure.
   *
   * @param folder one that is there, and stays.
   */
  static async start(prepare: (subject: Subject) => Promise<void> | void, folder?: string): Promise<Subject> {
    const subject = new Subject(folder);
    try {
      await prepare(subject);
      return subject;
    } catch (error) {
      await subject.stop();
      throw error;
    }
  }

  get folder(): string {
    return this.#folder;
  }

  /** The port of what was run last. */
  get port(): number {
    return this.#port;
  }

  /** Starts one process more, and waits until it serves. */
  async run({ program, argv, output = 'stderr', portIn, user, signal = 'SIGTERM' }: Program): Promise<void> {
    const child = spawn(program, argv, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'], ...user });
    this.#running.unshift({ child, signal });
    const [other, lines] = [child[output === 'stdout' ? 'stderr' : 'stdout'] as Readable, child[output] as Readable];
    other.resume();
    await once(child, 'spawn');
    const printed: string[] = [];
    for await (const line of portIn === undefined ? [] : createInterface({ input: lines })) {
      printed.push(line);
      this.#port = portIn?.(line) ?? this.#port;
      if (portIn?.(line) !== undefined) break;
    }
    lines.resume();
    if (portIn !== undefined && Number.isNaN(this.#port))
      throw new Error(`${program} ${argv.join(' ')} did not start:\n${printed.join('\n')}`);
  }

  /** Where it does not say that it serves: waits until it replies on this port. */
  async serves(port: number): Promise<void> {
    const endMs = performance.now() + 10_000;
    while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))) {
      if (performance.now() > endMs) throw new Error(`nothing serves on port ${port}`);
      await delay(20);
    }
    this.#port = port;
  }

  /** Processor time so far, of all its processes, in microseconds; NaN where there is no /proc. */
  cpuMicros(): number {
    return this.#running.reduce((sum, { child }) => sum + treeMicros(child.pid ?? 0), 0);
  }

  /** What of its processes is in memory; NaN where there is no /proc. */
  residentBytes(): number {
    return this.#running.reduce((sum, { child }) => sum + residentBytes(child.pid ?? 0), 0);
  }

  async stop(): Promise<void> {
    for (const { child, signal } of this.#running) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    this.#running.length = 0;
    if (!this.#isFolderKept) rmSync(this.#folder, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
