import { setTimeout as delay } from 'node:timers/promises';
import type { WriteBehind } from '#dist/engine/write-behind.js';
import { PointService } from '#dist/services/points/service.js';
import { POINT_TABLES } from '#dist/services/points/tables.js';
import { Engine } from './engine.js';
import { pauseIn } from './pause.js';

/** Longer than it runs: no tick comes by itself. */
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
  const engine = new Engine(POINT_TABLES, 2);
  const { writes } = engine;
  const service = new PointService({
    writes,
    nowMs: () => performance.now(),
    wallMs: Date.now,
    pointsUsers: users,
    pointsTick: LONG_MS,
    durability: 'memory',
  });
  await engine.start();
  service.start();
  // The second tick is measured: the code of the first is not compiled yet.
  await fired(service, writes);
  await delay(100);
  const { longestMs } = await pauseIn(() => fired(service, writes));
  const { drawMs = 0, writeMs = 0 } = service.ticker.status();
  const idle = await pauseIn(() => delay(drawMs + writeMs));
  service.stop();
  await engine.end();
  return { drawMs, writeMs, longestMs, idleLongestMs: idle.longestMs };
}

async function fired(service: PointService, writes: WriteBehind): Promise<void> {
  await new Promise((resolve) => writes.whenDurable(writes.seq, resolve));
  const seq = (await service.ticker.fire()) as number;
  await new Promise((resolve) => writes.whenDurable(seq, resolve));
}
