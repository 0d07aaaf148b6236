import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Made } from './grower.js';
import { wrkSpread } from './loads/wrk.js';
import { outputOf } from './program.js';
import { incrementerIn } from './servers.js';
import type { Subject } from './subject.js';
import { type Watched, watch } from './watch.js';

const CONNECTIONS = 100;

/** The sizes, the fewest first, and the load on each. */
export interface GrowthOptions {
  readonly sizes: readonly number[];
  readonly seconds: number;
  readonly trials: number;
}

/** While counters are made. */
export interface Growing extends Watched, Made {
  readonly countersPerS: number;
}

/** A trial in which random ones of all counters are counted up. */
export interface Steady extends Watched {
  readonly requestsPerS: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly failed: number;
  readonly cpuMicrosPerRequest: number;
}

export interface GrowthRow {
  readonly counters: number;
  readonly growing: Growing;
  readonly steady: readonly Steady[];
  /** Throughput of each of those, as a part of that with the fewest counters just before or after it. */
  readonly throughputRatios: readonly number[];
  /** Of the process that has made the counters, before the steady load. */
  readonly servingBytes: number;
  /** Of a process that has loaded them, after garbage collection, less what it had before. */
  readonly bytesPerCounter: number;
  /** From the start until it serves, less that of an empty file. */
  readonly loadSeconds: number;
  readonly fileBytes: number;
}

interface Grown {
  readonly counters: number;
  readonly folder: string;
  readonly options: readonly string[];
  readonly subject: Subject;
  /** From its start until it served. */
  readonly startMs: number;
  readonly growing: Growing;
  readonly servingBytes: number;
}

/**
 * What becomes of a server as its counters become many: how they are made, what counting costs then,
 * and what they take of memory, of the disk, and of the time of a start.
 *
 * All servers are up while they are measured in turns, so that a slow minute of the machine is one for all.
 */
export async function growth(options: GrowthOptions, progress: (what: string) => void): Promise<GrowthRow[]> {
  const grown: Grown[] = [];
  try {
    for (const counters of options.sizes) {
      progress(`${counters} counters are made`);
      grown.push(await grow(counters));
    }
    const steady = await inTurns(grown, options, progress);
    const rows: GrowthRow[] = [];
    for (const [i, each] of grown.entries()) rows.push(await rowOf(each, steady[i] ?? [], steady[0] ?? []));
    return rows;
  } finally {
    for (const { subject, folder } of grown) {
      await subject.stop();
      rmSync(folder, { recursive: true });
    }
  }
}

async function grow(counters: number): Promise<Grown> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const options = ['--max-counters', String(counters)];
  const { subject, startMs } = await started(folder, options);
  const growing = await watch(subject, async () => {
    const made = await outputOf('grower', subject.port, counters);
    await drained(subject);
    return { ...made, countersPerS: made.acknowledged / made.seconds };
  });
  return { counters, folder, options, subject, startMs, growing, servingBytes: subject.residentBytes() };
}

/** One trial of each, then the next of each, every other round in reverse. Trials by server. */
async function inTurns(
  grown: readonly Grown[],
  { seconds, trials }: GrowthOptions,
  progress: (what: string) => void,
): Promise<Steady[][]> {
  const results: Steady[][] = grown.map(() => []);
  for (let round = 0; round < trials; round++) {
    const turns = [...grown.entries()];
    for (const [i, each] of round % 2 === 0 ? turns : turns.reverse()) {
      progress(`increments of ${each.counters} counters, trial ${round + 1} of ${trials}`);
      results[i]?.push(await trial(each, seconds));
    }
  }
  return results;
}

async function trial({ subject, counters }: Grown, seconds: number): Promise<Steady> {
  const measured = await watch(subject, async () => {
    const beforeMicros = subject.cpuMicros();
    const drive = { port: subject.port, connections: CONNECTIONS, seconds, rate: undefined };
    const figures = await wrkSpread(counters).run(drive);
    const { requests, failed } = figures;
    const [p50, p99, p999] = [figures.p50 ?? Number.NaN, figures.p99 ?? Number.NaN, figures.p999 ?? Number.NaN];
    const cpuMicrosPerRequest = (subject.cpuMicros() - beforeMicros) / requests;
    return { requestsPerS: (requests - failed) / figures.seconds, p50, p99, p999, failed, cpuMicrosPerRequest };
  });
  // What is left of it is not to be the next one's.
  await drained(subject);
  return measured;
}

async function rowOf(
  { counters, folder, options, subject, startMs, growing, servingBytes }: Grown,
  steady: readonly Steady[],
  fewest: readonly Steady[],
): Promise<GrowthRow> {
  await subject.stop();
  const file = join(folder, 'numbers.db');
  const fileBytes = statSync(file).size;
  const again = await started(folder, options);
  await again.subject.stop();
  const loadSeconds = Math.max(0, again.startMs - startMs) / 1e3;
  const { bytes } = await outputOf('memory', file, counters);
  return {
    counters,
    growing,
    steady,
    throughputRatios: steady.map(({ requestsPerS }, i) => requestsPerS / (fewest[i]?.requestsPerS ?? Number.NaN)),
    servingBytes,
    bytesPerCounter: bytes / counters,
    loadSeconds,
    fileBytes,
  };
}

async function started(folder: string, options: readonly string[]): Promise<{ subject: Subject; startMs: number }> {
  const beginMs = performance.now();
  const subject = await incrementerIn(folder, options);
  return { subject, startMs: performance.now() - beginMs };
}

/** All is on disk. A long drain may take longer than a reply waits for it. */
async function drained({ port }: Subject): Promise<void> {
  while ((await fetch(`http://127.0.0.1:${port}/drain`, { method: 'POST' })).status !== 200) await delay(100);
}
