import { increment, readValue } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract } from './service.js';
import { encode } from './wire.js';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

contract((t, service) => {
  t.test('a step that would cross a bound is refused, says where the counter stands, and changes nothing', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'stock', value: 5 });
    const below = await increment(wire, { key: 'stock', value: -6, min: 0 });
    expectProblem(t, below, 409, 'bound', undefined, { value: 5 });
    const above = await increment(wire, { key: 'stock', value: 4, max: 8 });
    expectProblem(t, above, 409, 'bound', undefined, { value: 5, remaining: 3 });
    t.equal(await readValue(wire, 'stock'), 5);
  });

  t.test('a step up to the bound is counted, and the reply says how far it still is', async (t) => {
    const wire = await service.connect(t);
    t.match((await increment(wire, { key: 'seats', value: 3, max: 4 })).json, { value: 3, remaining: 1 });
    t.match((await increment(wire, { key: 'seats', value: 1, max: 4 })).json, { value: 4, remaining: 0 });
    t.match((await increment(wire, { key: 'seats', value: -4, min: 0 })).json, { value: 0 });
    t.notOk('remaining' in (await increment(wire, { key: 'seats', min: 0 })).json, 'only where there is an upper bound');
  });

  t.test('a new counter is held to the bounds from 0, and is not made by a refused step', async (t) => {
    const wire = await service.connect(t);
    expectProblem(t, await increment(wire, { key: 'fresh', value: 6, max: 5 }), 409, 'bound', undefined, {
      value: 0,
      remaining: 5,
    });
    expectProblem(t, await increment(wire, { key: 'fresh', value: -1, min: 0 }), 409, 'bound', undefined, { value: 0 });
    t.equal(await readValue(wire, 'fresh'), undefined);
  });

  t.test('a counter that stands beyond a bound may come back, and not go further out', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'beyond', value: 10 });
    t.match((await increment(wire, { key: 'beyond', value: -1, max: 5 })).json, { value: 9, remaining: 0 });
    expectProblem(t, await increment(wire, { key: 'beyond', max: 5 }), 409, 'bound', undefined, { value: 9, remaining: 0 });
    t.match((await increment(wire, { key: 'beyond', value: 3, max: 5, saturate: 'true' })).json, { value: 9, applied: 0 });
  });

  t.test('with saturate a step stops at the bound and says how much of it was applied', async (t) => {
    const wire = await service.connect(t);
    const step = async (value: number) => (await increment(wire, { key: 'tank', value, min: 0, max: 10, saturate: 'true' })).json;
    t.match(await step(7), { value: 7, applied: 7, remaining: 3 });
    t.match(await step(7), { value: 10, applied: 3, remaining: 0 });
    t.match(await step(7), { value: 10, applied: 0, remaining: 0 });
    t.match(await step(-12), { value: 0, applied: -10, remaining: 10 });
    t.match(await step(-1), { value: 0, applied: 0 });
  });

  t.test('a step that stops where it stood is no write', async (t) => {
    const wire = await service.connect(t);
    const first = (await increment(wire, { key: 'full', value: 3, max: 3 })).json;
    const second = (await increment(wire, { key: 'full', value: 3, max: 3, saturate: 'true', durability: 'disk' })).json;
    t.match(second, { value: 3, applied: 0, seq: first.seq, durable: true });
    await increment(wire, { key: 'absent', value: -1, min: 0, saturate: 'true' });
    t.equal(await readValue(wire, 'absent'), undefined, 'and makes no counter');
  });

  t.test('bounds are exact over the whole 64-bit range', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'wide', value: MIN });
    const step = { key: 'wide', value: MAX, max: MAX };
    t.match((await increment(wire, step)).json, { value: -1, remaining: `${MAX + 1n}` });
    t.match((await increment(wire, step)).json, { value: `${MAX - 1n}`, remaining: 1 });
    expectProblem(t, await increment(wire, step), 409, 'bound', undefined, { value: `${MAX - 1n}`, remaining: 1 });
    t.match((await increment(wire, { ...step, saturate: 'true' })).json, { value: `${MAX}`, applied: 1, remaining: 0 });
    expectProblem(t, await increment(wire, { key: 'wide', value: 1, min: 0 }), 409, 'overflow');
  });

  t.test('bounds come in JSON as well, saturate as true', async (t) => {
    const wire = await service.connect(t);
    const body = JSON.stringify({ key: 'json', value: 7, min: 0, max: 5, saturate: true });
    const reply = await wire.exchange(
      encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': 'application/json' }, body }),
    );
    t.match(JSON.parse(reply.body), { value: 5, applied: 5, remaining: 0 });
  });

  t.test('what is no bound is refused, and counts nothing', async (t) => {
    const wire = await service.connect(t);
    const refuse = async (form: Record<string, string | number>, field: string) =>
      expectProblem(t, await increment(wire, { key: 'bad', ...form }), 400, 'invalid-parameter', field);
    await refuse({ min: 'low' }, 'min');
    await refuse({ max: '1.5' }, 'max');
    await refuse({ max: '9223372036854775808' }, 'max');
    await refuse({ min: 2, max: 1 }, 'min');
    await refuse({ max: 1, saturate: 'yes' }, 'saturate');
    await refuse({ saturate: 'true' }, 'saturate');
    await refuse({ ttl: 0 }, 'ttl');
    await refuse({ ttl: -1 }, 'ttl');
    await refuse({ ttl: '1.5' }, 'ttl');
    await refuse({ ttl: 315_360_001 }, 'ttl');
    t.equal(await readValue(wire, 'bad'), undefined);
  });

  t.test('a repeat with the same Idempotency-Key is the same step, and other bounds are another', async (t) => {
    const wire = await service.connect(t);
    const headers = { 'Idempotency-Key': 'bounded-1' };
    const step = { key: 'once', value: 2, max: 3 };
    const first = await increment(wire, step, headers);
    const second = await increment(wire, step, headers);
    t.equal(second.body, first.body);
    t.equal(second.headers.get('idempotency-replayed'), 'true');
    expectProblem(t, await increment(wire, { ...step, max: 4 }, headers), 422, 'idempotency-key-reused');
    t.equal(await readValue(wire, 'once'), 2);
  });
});
