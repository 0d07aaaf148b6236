import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { type NodeProcess, nodeProgram } from '../../node-process.js';
import { ServerProcess } from '../../server-process.js';
import { filed, pointsOf } from './rig.js';
import { drawnBy, seeded } from './seeded.js';

const USERS = 60_000;
/** How long after a tick is whole the process is killed, in milliseconds: a commit takes some dozens. */
const DELAYS_MS = [0, 5, 20, 60, 1];
/** Ticks that are on disk before that. */
const TICKS_BEFORE = 2;

/** The points on a real file, with a seed. Fires one tick after the other, and says when each is whole, and on disk. */
const PROGRAM = `
  import { WriteBehind } from './dist/engine/write-behind.js';
  import { PointService } from './dist/services/points/service.js';
  import { POINT_TABLES } from './dist/services/points/tables.js';
  import { SqliteStore } from './dist/store/sqlite/sqlite-store.js';
  const seeded = ${seeded.toString()};
  const [, path, users, seed] = process.argv;
  const store = new SqliteStore(path, POINT_TABLES);
  const nowMs = () => performance.now();
  const LONG_MS = 600000;
  const writes = new WriteBehind({
    store, nowMs, intervalMs: LONG_MS, waitMs: LONG_MS, queueCapacity: 2,
    onStoreChange: (error) => { throw error; },
  });
  const service = new PointService({
    writes, nowMs, pointsUsers: Number(users), pointsTick: LONG_MS, durability: 'memory', wallMs: Date.now, random: seeded(Number(seed)),
  });
  const state = await store.open();
  for (const { table, take } of service.loadings) {
    await store.load(table, (rows) => {
      const fault = take(rows);
      if (fault !== undefined) throw new Error(fault);
    });
  }
  await store.begin();
  writes.start(state);
  service.start();
  const durable = (seq) => new Promise((resolve) => writes.whenDurable(seq, resolve));
  console.log('from ' + service.points.tick.number);
  await durable(writes.seq);
  for (;;) {
    const seq = await service.ticker.fire();
    console.log('whole ' + service.points.tick.number);
    await durable(seq);
    console.log('written ' + service.points.tick.number);
  }
`;

/** The numbers that the process has said with a word. */
function said({ stdout }: NodeProcess, word: string): number[] {
  return [...stdout.matchAll(new RegExp(`^${word} (\\d+)\n`, 'gm'))].map(([, number]) => Number(number));
}

test('after a kill -9 in the middle of a tick, all rows are of the last whole one', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  let last = 0;
  let inTheMiddle = 0;
  for (const [run, delayMs] of DELAYS_MS.entries()) {
    const seed = run + 1;
    const process = nodeProgram(t, PROGRAM, db, String(USERS), String(seed));
    await process.printed('it has loaded', (process) => said(process, 'from').length > 0);
    t.same(said(process, 'from'), [last], 'it goes on from the last whole tick');
    const victim = last + TICKS_BEFORE + 1;
    await process.printed('a tick is whole', (process) => said(process, 'whole').includes(victim));
    await delay(delayMs);
    process.signal('SIGKILL');
    t.equal((await process.exit).signal, 'SIGKILL');
    const { users, state } = filed(db);
    const written = Math.max(...said(process, 'written'));
    t.ok(state.tick >= written, `tick ${written} was said to be on disk, and ${state.tick} is`);
    const drawn = drawnBy(seed, USERS, state.tick - last).at(-1);
    t.equal(state.threshold, drawn?.threshold, 'the threshold is of that tick');
    t.same(pointsOf(users), drawn?.points, 'and so is every point');
    t.ok(users.every(({ updated_at }) => updated_at === state.ticked_at));
    if (state.tick < Math.max(...said(process, 'whole'))) inTheMiddle++;
    last = state.tick;
  }
  t.ok(inTheMiddle > 0, `${inTheMiddle} of ${DELAYS_MS.length} kills came before the tick was on disk`);
});

test('a server that ticks by its timer leaves one whole tick, however it is killed', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  const args = ['--services', 'counters,points', '--points-users', '20000', '--points-tick', '20ms', '--sync-interval', '15ms'];
  let last = 0;
  for (const ticks of [3, 2, 4]) {
    const server = await ServerProcess.serving(t, db, args);
    t.ok((await tickOf(server)) >= last, 'no tick that is on disk is lost');
    while ((await tickOf(server)) < last + ticks) await server.increment('beside');
    server.signal('SIGKILL');
    await server.exit;
    last = wholeTick(t, db, last);
  }
  const server = await ServerProcess.serving(t, db, args);
  server.signal('SIGTERM');
  t.same(await server.exit, { code: 0, signal: null });
  wholeTick(t, db, last);
});

async function tickOf(server: ServerProcess): Promise<number> {
  const { body } = await server.get('/points/tick');
  return (body as unknown as { tick: number }).tick;
}

/** Expects all rows of the file to be of one tick, and gives its number. */
function wholeTick(t: Test, db: string, from: number): number {
  const { users, state } = filed(db);
  t.equal(users.length, 20_000);
  t.ok(state.tick >= from, `tick ${state.tick}`);
  t.ok(users.every(({ updated_at }) => updated_at === state.ticked_at));
  t.equal(new Set(pointsOf(users)).size, state.tick === 0 ? 1 : 101, 'the points of a tick, all of them');
  return state.tick;
}
