import { setTimeout as delay } from 'node:timers/promises';
import type { WriteBehind } from '#dist/engine/write-behind.js';
import type { Counters } from '#dist/services/counters/counters.js';
import { CounterService } from '#dist/services/counters/service.js';
import { COUNTER_TABLES } from '#dist/services/counters/tables.js';
import { Engine } from './engine.js';
import { pauseIn } from './pause.js';

/** How long a drain keeps the serving thread from its work at the longest; idle, as the floor, for as long. */
export interface DrainPause {
  readonly drainMs: number;
  readonly longestMs: number;
  readonly idleLongestMs: number;
}

/** To be run as a process of its own: drains as many counters as it is told, and prints a DrainPause. */
console.log(JSON.stringify(await drainPause(Number(process.argv[2]))));

async function drainPause(dirty: number): Promise<DrainPause> {
  const engine = new Engine(COUNTER_TABLES, dirty * 2 + 2);
  const { writes } = engine;
  const { counters } = new CounterService({ writes, maxCounters: dirty, maxSources: 1, wallMs: Date.now });
  await engine.start();
  // The first drain inserts; the second, which is measured, updates, as most drains do.
  count(counters, dirty);
  await drained(writes);
  count(counters, dirty);
  await delay(100);
  const startMs = performance.now();
  let drainMs = 0;
  const { longestMs } = await pauseIn(async () => {
    await drained(writes);
    drainMs = performance.now() - startMs;
    await delay(50); // The entries are still being taken out of the queue.
  });
  const idle = await pauseIn(() => delay(drainMs));
  await engine.end();
  return { drainMs, longestMs, idleLongestMs: idle.longestMs };
}

function count(counters: Counters, dirty: number): void {
  for (let i = 0; i < dirty; i++) counters.increment(`counter:${i}`, 1);
}

function drained(writes: WriteBehind): Promise<boolean> {
  return new Promise((resolve) => writes.whenDurable(writes.seq, resolve));
}
