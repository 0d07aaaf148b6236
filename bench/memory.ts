import { WriteBehind } from '#dist/engine/write-behind.js';
import { NUMBERS } from '#dist/services/counters/counter.js';
import { CounterService } from '#dist/services/counters/service.js';
import { SqliteStore } from '#dist/store/sqlite/sqlite-store.js';

/** What it takes to load a file. */
export interface Loading {
  readonly ms: number;
  /** By how much the process grew. */
  readonly bytes: number;
}

/** To be run as a process of its own: loads the file that it is given, as the server does at its start, and prints a Loading. */
const [file = '', limit = ''] = process.argv.slice(2);
const store = new SqliteStore(file, [NUMBERS]);
const writes = new WriteBehind({
  store,
  intervalMs: 3_600_000,
  waitMs: 3_600_000,
  queueCapacity: 2 ** 20,
  nowMs: () => performance.now(),
  onStoreChange: () => undefined,
});
const service = new CounterService({ writes, maxCounters: Number(limit), maxSources: 1, wallMs: Date.now });
await store.open();
collect();
const before = process.memoryUsage.rss();
const startMs = performance.now();
await store.load(NUMBERS, (rows) => {
  const fault = service.load(NUMBERS, rows);
  if (fault !== undefined) throw new Error(fault);
});
const ms = performance.now() - startMs;
collect();
const loading: Loading = { ms, bytes: process.memoryUsage.rss() - before };
console.log(JSON.stringify(loading));
await store.close(undefined);

/** One collection leaves pages that the next gives back; a server that runs has had many. */
function collect(): void {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
}
