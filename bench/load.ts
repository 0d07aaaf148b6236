import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a load came to. Latencies in milliseconds; null where the generator does not tell. */
export interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

/** What a load is let loose on. */
export interface Drive {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second during the warm-up; undefined while that runs. For loads that take a number of requests, not a time. */
  readonly rate: number | undefined;
}

/** A load generator, and what it sends. */
export interface Load {
  /** The program or package that is not installed, if one is not. */
  readonly missing?: string | undefined;
  /** How many threads it has: so many cores it can use. */
  readonly threads: number;
  /** What exactly runs, to be read by people. */
  command(connections: number, seconds: number): string;
  run(drive: Drive): Promise<Figures>;
  /** In place of a run that is shorter. */
  warmUp?(drive: Drive): Promise<void>;
  /** Connects and does next to nothing else, where that takes so long that it has to be subtracted. */
  connect?(drive: Drive): Promise<void>;
}

/** Where the load files are, in the checkout and in the package. */
export function loadFile(name: string): string {
  return fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));
}

/** A load generator did not come to an end. */
export class HungError extends Error {
  override readonly name = 'HungError';
}

/** Runs a program to its end. Returns what it printed. */
export async function output(program: string, argv: readonly string[], limits: OutputLimits = {}): Promise<string> {
  const { stopAfterMs, killAfterMs } = limits;
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const timers = [
    ...(stopAfterMs === undefined ? [] : [setTimeout(() => child.kill('SIGINT'), stopAfterMs)]),
    ...(killAfterMs === undefined ? [] : [setTimeout(() => child.kill('SIGKILL'), killAfterMs)]),
  ];
  const [printed, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  for (const timer of timers) clearTimeout(timer);
  if (killAfterMs !== undefined && signal === 'SIGKILL') throw new HungError(`${program} did not come to an end`);
  if (stopAfterMs === undefined && code !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${code}:\n${errors}`);
  return printed;
}

export interface OutputLimits {
  /** When it is interrupted; what it makes of that is not looked at. */
  readonly stopAfterMs?: number;
  /** When it must have ended by itself. */
  readonly killAfterMs?: number;
}

/** The name of a program, if it is not installed. */
export function missingProgram(program: string): string | undefined {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return undefined;
  } catch {
    return program;
  }
}

/** The name of a package, if it is not there: the project's own for developing are not where only incrementer was installed. */
export function missingPackage(name: string): string | undefined {
  try {
    import.meta.resolve(name);
    return undefined;
  } catch {
    return name;
  }
}
