import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Result } from 'autocannon';

/** What a load came to. Latencies in milliseconds; NaN where the generator does not tell. */
export interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Drives a server on a port, with so many connections, for so many seconds. */
export type Load = (port: number, connections: number, seconds: number) => Promise<Figures>;

const INCREMENT = fileURLToPath(new URL('../../bench/increment.lua', import.meta.url));
const GET = fileURLToPath(new URL('../../bench/get.lua', import.meta.url));
const SPREAD = fileURLToPath(new URL('../../bench/spread.lua', import.meta.url));
const BATCH = fileURLToPath(new URL('../../bench/batch.lua', import.meta.url));

/** @param kind see increment.lua. */
export function wrk(kind: 'memory' | 'disk' | 'idempotent' | 'tagged' | 'account'): Load {
  return wrkWith(INCREMENT, kind);
}

/** GET /user/ with a token. */
export const wrkUser: Load = wrkWith(GET, '/user/', 'xyz');

export const wrkPoints: Load = wrkWith(GET, '/points');

/** POST /increment over random keys of so many counters, see spread.lua. */
export function wrkSpread(counters: number): Load {
  return wrkWith(SPREAD, `${counters}`);
}

/** Batches of 1000, see batch.lua. */
export function wrkBatches(kind: 'ndjson' | 'form'): Load {
  return wrkWith(BATCH, kind);
}

function wrkWith(script: string, ...args: readonly string[]): Load {
  return async (port, connections, seconds) => {
    const argv = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}`, '--', ...args];
    const output = await run('wrk', argv);
    const line = output.split('\n').find((each) => each.startsWith('{'));
    if (line === undefined) throw new Error(`wrk printed no figures:\n${output}`);
    return JSON.parse(line) as Figures;
  };
}

/** POST /increment over 1000 random keys. */
export const autocannonLoad: Load = async (port, connections, seconds) => {
  const requests = Array.from({ length: 1_000 }, () => ({
    method: 'POST' as const,
    path: '/increment',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `key=key${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}&value=1`,
  }));
  const { default: autocannon } = await import('autocannon');
  return figuresOf(await autocannon({ url: `http://127.0.0.1:${port}`, connections, duration: seconds, requests }));
};

/** How often autocannon looks whether all is answered, in milliseconds: with its own second every run would take one. */
const SAMPLE_MS = 10;

/** So many requests of GET /points, however long they take. */
export function autocannonPoints(amount: number): Load {
  return async (port, connections) => {
    const { default: autocannon } = await import('autocannon');
    return figuresOf(await autocannon({ url: `http://127.0.0.1:${port}/points`, connections, amount, sampleInt: SAMPLE_MS }));
  };
}

function figuresOf({ requests, duration, errors, timeouts, non2xx, latency }: Result): Figures {
  return {
    requests: requests.total,
    seconds: duration,
    failed: errors + timeouts + non2xx,
    p50: latency.p50,
    p99: latency.p99,
    p999: latency.p99_9,
  };
}

/**
 * What redis-benchmark is asked for a second, with one command at a time: it takes a number of
 * requests, not a time.
 */
const REDIS_REQUESTS_PER_S = 60_000;
const REDIS_PIPELINED_PER_S = 1_000_000;

/** INCR over 1000 random keys, so many commands at a time on each connection. */
export function redisIncr(pipeline = 1): Load {
  return async (port, connections, seconds) => {
    const requests = Math.ceil((pipeline === 1 ? REDIS_REQUESTS_PER_S : REDIS_PIPELINED_PER_S) * seconds);
    const options = ['-c', `${connections}`, '-n', `${requests}`, '-P', `${pipeline}`, '-r', '1000', '--csv'];
    const argv = ['-p', `${port}`, ...options, 'incr', 'key:__rand_int__'];
    const [, figures = ''] = (await run('redis-benchmark', argv)).trim().split('\n');
    const [, rate, , , p50, , p99] = figures.split(',').map((cell) => Number(cell.replaceAll('"', '')));
    if (rate === undefined || p50 === undefined || p99 === undefined) throw new Error(`redis-benchmark printed ${figures}`);
    return { requests, seconds: requests / rate, failed: 0, p50, p99, p999: Number.NaN };
  };
}

async function run(program: string, argv: string[]): Promise<string> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output;
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // wrk leaves with 1 when it only prints its version.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Whether a package is there: the project's own packages for developing are not where only incrementer was installed. */
export function hasPackage(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
