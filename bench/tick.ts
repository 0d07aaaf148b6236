import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { WriteBehind } from '#dist/engine/write-behind.js';
import { PointService } from '#dist/services/points/service.js';
import { POINT_TABLES } from '#dist/services/points/tables.js';
import { SqliteStore } from '#dist/store/sqlite/sqlite-store.js';

const RESOLUTION_MS = 1;
const LONG_MS = 3_600_000;

/** How long a tick takes, and how long the serving thread stops for it at the longest; idle, as the floor, for as long. */
export interface TickPause {
  readonly drawMs: number;
  readonly writeMs: number;
  readonly longestMs: number;
  readonly idleLongestMs: number;
}

/**
 * To be run as a process of its own: fires a tick over as many users as it is told, who are on disk already (as after
 * any first tick, all rows are updated), and prints a TickPause.
 */
console.log(JSON.stringify(await tickPause(Number(process.argv[2]))));

async function tickPause(users: number): Promise<TickPause> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const store = new SqliteStore(join(folder, 'numbers.db'), POINT_TABLES);
  const nowMs = () => performance.now();
  const writes = new WriteBehind({
    store,
    nowMs,
    intervalMs: LONG_MS,
    waitMs: LONG_MS,
    queueCapacity: 2,
    onStoreChange: (error) => {
      if (error !== undefined) throw error;
    },
  });
  const options = { pointsUsers: users, pointsTick: LONG_MS, durability: 'memory', wallMs: Date.now } as const;
  const service = new PointService({ writes, nowMs, ...options });
  const state = await store.open();
  await store.begin();
  writes.start(state);
  service.start();
  // The second tick is measured: the code of the first is not compiled yet.
  await fired(service, writes);
  await delay(100);
  const during = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  during.enable();
  await fired(service, writes);
  during.disable();
  const { drawMs = 0, writeMs = 0 } = service.ticker.status();
  const idle = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  idle.enable();
  await delay(drawMs + writeMs);
  idle.disable();
  service.stop();
  await writes.stop(LONG_MS);
  await store.close(writes.seq);
  rmSync(folder, { recursive: true });
  const longest = (pauses: typeof during) => Math.max(0, pauses.max / 1e6 - RESOLUTION_MS);
  return { drawMs, writeMs, longestMs: longest(during), idleLongestMs: longest(idle) };
}

async function fired(service: PointService, writes: WriteBehind): Promise<void> {
  await new Promise((resolve) => writes.whenDurable(writes.seq, resolve));
  const seq = (await service.ticker.fire()) as number;
  await new Promise((resolve) => writes.whenDurable(seq, resolve));
}
