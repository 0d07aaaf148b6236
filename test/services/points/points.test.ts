import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { until } from '../../condition.js';
import { MemoryStore } from '../../memory-store.js';
import { withDatabase } from '../../store/connection.js';
import { filed, LONG_MS, pointsOf, Rig, type RigOptions } from './rig.js';
import { drawnBy } from './seeded.js';

const USERS = 9_000;

function fileIn(t: Test): string {
  return join(t.testdir({}), 'numbers.db');
}

test('the whole cycle: made with 0 points, drawn tick by tick, on disk, and there after a restart', async (t) => {
  const db = fileIn(t);
  const clock = { ms: 1_000 };
  const first = await Rig.begun(t, db, { users: USERS, seed: 3, wallMs: () => clock.ms });
  await first.settled();
  const made = filed(db);
  t.equal(made.users.length, USERS);
  t.ok(
    made.users.every(
      (user, i) => user.id === i + 1 && user.points === 0 && user.inserted_at === 1_000 && user.updated_at === 1_000,
    ),
  );
  t.same(made.state, { tick: 0, threshold: 0, ticked_at: 1_000 });
  const expected = drawnBy(3, USERS, 3);
  for (const [i, { threshold, points }] of expected.entries()) {
    clock.ms += 60_000;
    await first.tick();
    const { tick } = first.service.points;
    t.same([tick.number, tick.threshold, tick.atMs], [i + 1, threshold, clock.ms]);
    t.same([...tick.points], points);
    const { users, state } = filed(db);
    t.same(pointsOf(users), points);
    t.same(state, { tick: i + 1, threshold, ticked_at: clock.ms });
    t.ok(users.every(({ inserted_at, updated_at }) => inserted_at === 1_000 && updated_at === clock.ms));
  }
  const seq = first.writes.seq;
  t.equal(seq, 4, 'the making is a write, and so is each tick');
  await first.stop();
  const again = await Rig.begun(t, db, { users: USERS, seed: 4, wallMs: () => 7 });
  const { tick } = again.service.points;
  t.equal(again.writes.seq, seq, 'nothing had to be made');
  t.same([tick.number, tick.threshold, tick.atMs], [3, expected[2]?.threshold, clock.ms]);
  t.same([...tick.points], expected[2]?.points);
  t.equal(tick.above, expected[2]?.points.filter((points) => points > tick.threshold).length, 'and who is above is known');
  await again.tick();
  t.same(filed(db).state, { tick: 4, threshold: drawnBy(4, 1, 1)[0]?.threshold, ticked_at: 7 });
});

test('while a tick is drawn all is answered from the one before, and then from the new one at once', async (t) => {
  const rig = await Rig.begun(t, '', { users: 400_000, seed: 3, store: new MemoryStore(undefined, 100_000) });
  await rig.settled();
  await rig.tick();
  const before = rig.service.points.tick;
  const points = [...before.points];
  const fired = rig.service.ticker.fire();
  let turns = 0;
  for (; rig.service.points.isDrawing; turns++) {
    t.equal(rig.service.points.tick, before);
    t.equal(rig.service.ticker.status().phase, 'drawing');
    await nextTurn();
  }
  t.ok(turns > 2, `it took ${turns} turns`);
  t.same([...before.points], points, 'the one before was not touched');
  t.ok(Number(await fired) > 0);
  t.equal(rig.service.points.tick.number, 2);
  t.not(rig.service.points.tick, before);
  t.equal(rig.service.ticker.status().phase, 'writing');
  await rig.settled();
  t.equal(rig.service.ticker.status().phase, 'idle');
});

test('a tick that is due while one is not on disk is skipped and counted, and does not come later', async (t) => {
  const store = new MemoryStore();
  const { service, writes, settled } = await ticking(t, store);
  const { ticker, points } = service;
  await until('a tick is there', () => points.tick.number > 0);
  store.failure = new Error('full');
  const before = ticker.status().skipped;
  await until('ticks are skipped', () => ticker.status().skipped >= before + 3);
  const { number } = points.tick;
  t.equal(ticker.status().phase, 'writing');
  t.equal(ticker.status().writeMs, undefined);
  const shown = [...points.tick.points];
  await until('more are skipped', () => ticker.status().skipped >= before + 5);
  t.same([points.tick.number, [...points.tick.points]], [number, shown], 'what is shown stays');
  ticker.stop();
  const { skipped } = ticker.status();
  store.failure = undefined;
  await settled();
  await nextTurn();
  t.equal(points.tick.number, number, 'none was piled up');
  t.same(store.rows.get('points_state 1'), [1, number, points.tick.threshold, points.tick.atMs]);
  t.ok(Number(ticker.status().writeMs) > 0, 'it is on disk, after so long');
  t.equal(ticker.status().skipped, skipped);
  t.equal(writes.status().queued, 0);
});

test('a tick that is fired puts off the next one by a whole interval', async (t) => {
  const { service, settled } = await ticking(t, new MemoryStore(), LONG_MS);
  await settled();
  const { ticker } = service;
  await until('some of the interval is over', () => ticker.status().nextMs < LONG_MS - 20);
  t.ok(Number(await ticker.fire()) > 0);
  t.ok(ticker.status().nextMs > LONG_MS - 20);
  t.equal(service.points.tick.number, 1);
});

test('a tick that is drawn when the server stops is not shown, nor written', async (t) => {
  const store = new MemoryStore(undefined, 100_000);
  const rig = await Rig.begun(t, '', { users: 400_000, seed: 3, store });
  await rig.settled();
  const fired = rig.service.ticker.fire();
  await nextTurn();
  t.equal(rig.service.points.isDrawing, true);
  await rig.stop();
  t.equal(await fired, undefined);
  t.equal(rig.service.points.tick.number, 0);
  t.same(store.rows.get('points_state 1')?.slice(0, 3), [1, 0, 0]);
  t.same(store.closed, { seq: 1 });
});

async function ticking(t: Test, store: MemoryStore, tickMs = 5) {
  const rig = await Rig.begun(t, '', { users: 50, seed: 8, store, tickMs });
  t.teardown(() => {
    store.failure = undefined;
  });
  return { service: rig.service, writes: rig.writes, settled: () => rig.settled() };
}

test('a start that asks for more users makes the others, and one that asks for fewer keeps all', async (t) => {
  const db = fileIn(t);
  const run = async (options: Omit<RigOptions, 'seed'>) => {
    const rig = await Rig.begun(t, db, { ...options, seed: 3 });
    await rig.settled();
    return rig;
  };
  const first = await run({ users: 100, wallMs: () => 1 });
  await first.tick();
  const points = pointsOf(filed(db).users);
  const { state } = filed(db);
  await first.stop();
  const more = await run({ users: 5_000, wallMs: () => 2 });
  const { users } = filed(db);
  t.same(pointsOf(users), [...points, ...new Array(4_900).fill(0)]);
  t.ok(users.every(({ id, inserted_at, updated_at }) => [inserted_at, updated_at].every((at) => at === (id <= 100 ? 1 : 2))));
  t.same(filed(db).state, state, 'the tick is the same');
  t.equal(more.service.points.tick.users, 5_000);
  await more.stop();
  const fewer = await run({ users: 10 });
  t.equal(fewer.service.points.tick.users, 5_000);
  await fewer.tick();
  t.equal(filed(db).users.length, 5_000);
});

test('a file with points of another program is taken, and gaps in its ids are filled', async (t) => {
  const db = fileIn(t);
  withDatabase(db, (file) => {
    file.exec('CREATE TABLE points_users (id INTEGER, points INTEGER DEFAULT 0, inserted_at INTEGER, updated_at INTEGER)');
    file.exec('CREATE UNIQUE INDEX points_users_id_index ON points_users (id)');
    for (const id of [7, 2]) file.prepare('INSERT INTO points_users VALUES (?, ?, 1, 1)').run(id, id * 10);
  });
  const rig = await Rig.begun(t, db, { users: 3, seed: 1, wallMs: () => 9 });
  t.same([...rig.service.points.tick.points], [0, 20, 0, 0, 0, 0, 70]);
  t.equal(rig.service.points.tick.above, 2);
  await rig.settled();
  const { users, state } = filed(db);
  t.same(pointsOf(users), [0, 20, 0, 0, 0, 0, 70]);
  t.same(
    users.map(({ inserted_at }) => inserted_at),
    [9, 1, 9, 9, 9, 9, 1],
  );
  t.same(state, { tick: 0, threshold: 0, ticked_at: 9 });
});

test('rows that can not be are refused, and the message says which', async (t) => {
  const faults: [sql: string, message: RegExp][] = [
    ['UPDATE points_users SET points = 101 WHERE id = 3', /^points_users has 101 points with the id 3: /],
    ['UPDATE points_users SET points = -1 WHERE id = 3', /^points_users has -1 points/],
    ['UPDATE points_users SET id = 0 WHERE id = 3', /^points_users has the id 0: ids are from 1 to 16777216/],
    ['UPDATE points_users SET id = 9007199254740993 WHERE id = 3', /^points_users has the id 9007199254740993/],
    ['UPDATE points_state SET threshold = 101', /^points_state has a tick that can't be/],
    ['UPDATE points_state SET tick = -1', /^points_state has a tick/],
    ['UPDATE points_state SET ticked_at = 8640000000000001', /^points_state has a tick/],
    ['UPDATE points_state SET id = 2', /^points_state has more than one row/],
    ['INSERT INTO points_state VALUES (2, 1, 1, 1)', /^points_state has more than one row/],
  ];
  for (const [sql, message] of faults) {
    const db = fileIn(t);
    const rig = await Rig.begun(t, db, { users: 5, seed: 1 });
    await rig.settled();
    await rig.stop();
    withDatabase(db, (file) => file.exec(sql));
    const refused = new Rig(db, { users: 5, seed: 1 });
    t.match(await refused.load(), message, sql);
    await refused.store.close(undefined);
  }
});
