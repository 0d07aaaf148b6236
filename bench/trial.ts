import { type Drive, HungError, type Load } from './load.js';
import { machineMicros, ownMicros } from './processor.js';
import type { Trial } from './results.js';
import type { Subject } from './subject.js';

/** What is driven, and by what. */
export interface Contestant {
  readonly start: () => Promise<Subject>;
  readonly load: Load;
}

/** How a contestant is driven. */
export interface Length {
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

interface Times {
  readonly server: number;
  readonly generator: number;
  readonly machine: number;
}

/** How often a load generator may fail to end. */
const ATTEMPTS = 3;

/** A fresh server, warmed up and driven once. Where the load generator hangs all of it is done again. */
export async function trial(contestant: Contestant, length: Length): Promise<Trial> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt(contestant, length);
    } catch (error) {
      if (!(error instanceof HungError) || left === 0) throw error;
    }
  }
}

async function attempt({ start, load }: Contestant, length: Length): Promise<Trial> {
  const subject = await start();
  const now = (): Times => ({ server: subject.cpuMicros(), generator: ownMicros(), machine: machineMicros() });
  try {
    const { connections, seconds, warmUpSeconds } = length;
    const drive: Drive = { port: subject.port, connections, seconds, rate: undefined };
    const rate = await warmUp(load, { ...drive, seconds: warmUpSeconds });
    const connecting = await timesOf(now, () => load.connect?.(drive));
    let ranMs = 0;
    let figures = { requests: 0, seconds: 0, failed: 0 } as Awaited<ReturnType<Load['run']>>;
    const all = await timesOf(now, async () => {
      const startMs = performance.now();
      figures = await load.run({ ...drive, rate });
      ranMs = performance.now() - startMs;
    });
    const server = all.server - connecting.server;
    const cores = (micros: number) => knownOr(micros / (figures.seconds * 1e6));
    return {
      ...figures,
      cpuMicros: knownOr(server / figures.requests),
      serverCores: cores(server),
      generatorCores: cores(all.generator - connecting.generator),
      otherCores: knownOr(Math.max(0, (all.machine - all.server - all.generator) / (ranMs * 1e3))),
    };
  } finally {
    await subject.stop();
  }
}

/** Returns requests a second, where the load tells. */
async function warmUp(load: Load, drive: Drive): Promise<number> {
  if (load.warmUp !== undefined) {
    await load.warmUp(drive);
    return Number.NaN;
  }
  const { requests, seconds } = await load.run(drive);
  return requests / seconds;
}

async function timesOf(now: () => Times, run: () => Promise<void> | undefined): Promise<Times> {
  const before = now();
  await run();
  const after = now();
  return {
    server: after.server - before.server,
    generator: after.generator - before.generator,
    machine: after.machine - before.machine,
  };
}

function knownOr(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
