import { until } from '../condition.js';
import { filed, pointsOf } from '../services/points/rig.js';
import { drain } from '../writes/written.js';
import { ask } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract, serve } from './service.js';
import { encode, type Wire } from './wire.js';

const ON = { services: 'points', pointsUsers: 500 };

interface Tick {
  readonly tick: number;
  readonly threshold: number;
  readonly above: number;
  readonly phase: string;
  readonly next_ms: number;
  readonly skipped: number;
}

interface Queried {
  readonly users: { id: number; points: number }[];
  readonly timestamp: string | null;
}

async function query(wire: Wire): Promise<Queried> {
  return (await ask(wire, 'GET', '/points')).json as unknown as Queried;
}

async function status(wire: Wire): Promise<Tick> {
  return (await ask(wire, 'GET', '/points/tick')).json as unknown as Tick;
}

contract((t, service) => {
  t.test('the first query has no timestamp; the next ones have that of the one before', async (t) => {
    const wire = await service.connect(t);
    const reply = await ask(wire, 'GET', '/points');
    t.equal(reply.body, '{"users":[],"timestamp":null}', 'before the first tick nobody is above');
    t.equal(reply.headers.get('content-type'), 'application/json');
    const fromS = Math.floor(Date.now() / 1_000) - 1;
    for (let i = 0; i < 3; i++) {
      const { timestamp } = await query(wire);
      t.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      t.ok(Date.parse(timestamp as string) / 1_000 >= fromS && Date.parse(timestamp as string) <= Date.now());
    }
  });

  t.test('a tick that is fired is what is answered from then on, and on disk where that is asked for', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(drain());
    const before = await status(wire);
    const { status: code, json } = await ask(wire, 'POST', '/points/tick', { durability: 'disk' });
    t.equal(code, 200);
    t.match(json, { tick: before.tick + 1, users: 500, phase: 'idle', durable: true, skipped: 0 });
    const { seq, durable, ...fired } = json;
    t.ok(Number(seq) > 1);
    const { next_ms: _, ...now } = await status(wire);
    const { next_ms, ...then } = fired;
    t.same(now, then, 'the same is said of the last tick');
    t.ok(Number(next_ms) > 59_000, 'the next one is due a whole interval later');
    const { users, state } = filed(service.db);
    t.match(state, { tick: json.tick, threshold: json.threshold });
    const points = pointsOf(users);
    const above = points.filter((each) => each > state.threshold).length;
    t.equal(above, json.above);
    for (let i = 0; i < 50; i++) {
      const { users: two } = await query(wire);
      t.equal(two.length, Math.min(2, above));
      t.ok(
        two.every(({ id, points: has }) => points[id - 1] === has && has > state.threshold),
        JSON.stringify(two),
      );
      t.equal(new Set(two.map(({ id }) => id)).size, two.length, 'two different ones');
    }
  });

  t.test('it is fired by a form, by JSON, by the query, or by nothing at all', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(drain());
    const { tick } = await status(wire);
    t.equal((await ask(wire, 'POST', '/points/tick?durability=disk')).status, 200);
    const headers = { 'Content-Type': 'application/json' };
    const json = await wire.exchange(encode({ method: 'POST', target: '/points/tick', headers, body: '{"durability":"disk"}' }));
    t.match(JSON.parse(json.body), { tick: tick + 2, durable: true });
    const memory = await ask(wire, 'POST', '/points/tick');
    t.equal(memory.status, 200);
    t.equal(memory.json.durable, undefined);
    t.equal(memory.json.tick, tick + 3);
    await wire.exchange(drain());
    t.equal((await status(wire)).phase, 'idle');
  });

  t.test('what can not be read is refused, and nothing is fired', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(drain());
    const { tick } = await status(wire);
    expectProblem(t, await ask(wire, 'POST', '/points/tick', { durability: 'tape' }), 400, 'invalid-parameter', 'durability');
    expectProblem(t, await ask(wire, 'POST', '/points/tick', { threshold: 5 }), 400, 'unknown-parameter');
    expectProblem(t, await ask(wire, 'PUT', '/points/tick', { durability: 'disk' }), 405, 'method-not-allowed');
    expectProblem(t, await ask(wire, 'POST', '/points'), 405, 'method-not-allowed');
    t.equal((await status(wire)).tick, tick);
  });
}, ON);

contract(
  (t, service) => {
    t.test('while one is drawn or written another is refused, and does not come later', async (t) => {
      const [first, second] = [await service.connect(t), await service.connect(t)];
      await first.exchange(drain());
      const fired = ask(first, 'POST', '/points/tick', { durability: 'disk' });
      await until('it is under way', async () => (await status(second)).phase !== 'idle');
      expectProblem(t, await ask(second, 'POST', '/points/tick'), 409, 'tick-under-way');
      t.match(await fired, { status: 200, json: { tick: 1, skipped: 0 } });
      t.equal((await status(second)).tick, 1, 'the refused one does not come later');
    });
  },
  { ...ON, pointsUsers: 400_000 },
);

contract(
  (t, service) => {
    t.test('ticks come by themselves', async (t) => {
      const wire = await service.connect(t);
      await until('there were some', async () => (await status(wire)).tick >= 3);
      t.ok((await status(wire)).next_ms <= 30);
    });
  },
  { ...ON, pointsTick: '30ms' },
);

contract((t, service) => {
  t.test('where the service is off there is nothing, and its rows stay', async (t) => {
    const on = await serve(t, service.transport, { ...ON, pointsUsers: 20 });
    const wire = await on.connect(t);
    await wire.exchange(drain());
    await ask(wire, 'POST', '/points/tick', { durability: 'disk' });
    await on.stop();
    const rows = filed(on.db);
    const off = await serve(t, service.transport, { db: on.db });
    const plain = await off.connect(t);
    for (const [method, target] of [
      ['GET', '/points'],
      ['GET', '/points/tick'],
      ['POST', '/points/tick'],
    ] as const) {
      expectProblem(t, await ask(plain, method, target), 404, 'not-found');
    }
    t.notMatch((await ask(plain, 'GET', '/openapi.json')).body, '/points');
    await ask(plain, 'POST', '/increment', { key: 'a', durability: 'disk' });
    await off.stop();
    t.same(filed(on.db), rows);
    const again = await serve(t, service.transport, { ...ON, db: on.db, pointsUsers: 20 });
    t.match(await status(await again.connect(t)), { tick: 1, threshold: rows.state.threshold, draw_ms: null, write_ms: null });
  });

  t.test('without the accounts nobody can be made, and counting goes on', async (t) => {
    const without = await serve(t, service.transport, { services: 'counters' });
    const wire = await without.connect(t);
    expectProblem(t, await ask(wire, 'GET', '/user', undefined, { Authorization: 'xyz' }), 404, 'not-found');
    t.equal((await ask(wire, 'POST', '/increment', { key: 'a' })).status, 200);
  });
});
