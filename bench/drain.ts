import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { WriteBehind } from '#dist/engine/write-behind.js';
import type { Counters } from '#dist/services/counters/counters.js';
import { CounterService } from '#dist/services/counters/service.js';
import { COUNTER_TABLES } from '#dist/services/counters/tables.js';
import { SqliteStore } from '#dist/store/sqlite/sqlite-store.js';

const RESOLUTION_MS = 1;

/** How long a drain keeps the serving thread from its work at the longest; idle, as the floor, for as long. */
export interface DrainPause {
  readonly drainMs: number;
  readonly longestMs: number;
  readonly idleLongestMs: number;
}

/** To be run as a process of its own: drains as many counters as it is told, and prints a DrainPause. */
console.log(JSON.stringify(await drainPause(Number(process.argv[2]))));

async function drainPause(dirty: number): Promise<DrainPause> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const store = new SqliteStore(join(folder, 'numbers.db'), COUNTER_TABLES);
  const writes = new WriteBehind({
    store,
    intervalMs: 3_600_000,
    waitMs: 3_600_000,
    queueCapacity: dirty * 2 + 2,
    nowMs: () => performance.now(),
    onStoreChange: (error) => {
      if (error !== undefined) throw error;
    },
  });
  const { counters } = new CounterService({ writes, maxCounters: dirty, maxSources: 1, wallMs: Date.now });
  const state = await store.open();
  await store.begin();
  writes.start(state);
  // The first drain inserts; the second, which is measured, updates, as most drains do.
  await drainAll(writes, counters, dirty);
  count(counters, dirty);
  await delay(100);
  const during = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  during.enable();
  const startMs = performance.now();
  await drained(writes);
  const drainMs = performance.now() - startMs;
  await delay(50); // The entries are still being taken out of the queue.
  during.disable();
  const idle = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  idle.enable();
  await delay(drainMs);
  idle.disable();
  await writes.stop(60_000);
  await store.close(writes.status().seq);
  rmSync(folder, { recursive: true });
  return { drainMs, longestMs: during.max / 1e6 - RESOLUTION_MS, idleLongestMs: idle.max / 1e6 - RESOLUTION_MS };
}

async function drainAll(writes: WriteBehind, counters: Counters, dirty: number): Promise<void> {
  count(counters, dirty);
  await drained(writes);
}

function count(counters: Counters, dirty: number): void {
  for (let i = 0; i < dirty; i++) counters.increment(`counter:${i}`, 1);
}

function drained(writes: WriteBehind): Promise<boolean> {
  return new Promise((resolve) => writes.whenDurable(writes.status().seq, resolve));
}
