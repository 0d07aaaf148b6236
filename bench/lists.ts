import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { WriteBehind } from '#dist/engine/write-behind.js';
import { CounterService } from '#dist/services/counters/service.js';
import { COUNTER_TABLES } from '#dist/services/counters/tables.js';
import { Top } from '#dist/services/counters/top.js';
import { SqliteStore } from '#dist/store/sqlite/sqlite-store.js';

const RESOLUTION_MS = 1;
const PAGE = 1_000;

/** One way to look at all counters: how long it takes, and the longest pause of the serving thread meanwhile. */
export interface Look {
  readonly what: string;
  readonly ms: number;
  readonly longestMs: number;
}

/** To be run as a process of its own: looks at as many counters as it is told in every way there is, and prints Looks. */
console.log(JSON.stringify(await looks(Number(process.argv[2]))));

async function looks(count: number): Promise<Look[]> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const store = new SqliteStore(join(folder, 'numbers.db'), COUNTER_TABLES);
  const writes = new WriteBehind({
    store,
    intervalMs: 3_600_000,
    waitMs: 3_600_000,
    queueCapacity: count + 1,
    nowMs: () => performance.now(),
    onStoreChange: () => undefined,
  });
  const { counters, table } = new CounterService({ writes, maxCounters: count, maxSources: 1, wallMs: Date.now });
  const state = await store.open();
  await store.begin();
  writes.start(state);
  for (let i = 0; i < count; i++) counters.increment(`counter:${(i * 7_919) % count}`, i);
  await delay(1_000);
  const seen = [
    await look('the order is built', () => table.ready()),
    await look(`all pages of ${PAGE}`, async () => {
      for (let after: string | undefined = ''; after !== undefined; await delay(0)) {
        after = table.page('', after, PAGE).at(-1)?.key;
      }
    }),
    await look('top 100', () => {
      const top = new Top(100);
      return table.scan('', (key, value) => top.add(key, value));
    }),
    await look('sum', () => table.scan('', () => undefined)),
  ];
  await store.close(undefined);
  await writes.stop(1);
  rmSync(folder, { recursive: true });
  return seen;
}

async function look(what: string, run: () => Promise<void>): Promise<Look> {
  const pauses = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  pauses.enable();
  const startMs = performance.now();
  await run();
  const ms = performance.now() - startMs;
  pauses.disable();
  return { what, ms, longestMs: Math.max(0, pauses.max / 1e6 - RESOLUTION_MS) };
}
