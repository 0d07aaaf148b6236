import { until } from '../condition.js';
import { drain, rowCount, stored } from '../writes/written.js';
import { ask, increment, readValue } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract, serve } from './service.js';

contract((t, service) => {
  t.test('a counter with a ttl ends that long after its first increment, and begins again from zero', async (t) => {
    const wire = await service.connect(t);
    const first = (await increment(wire, { key: 'window', value: 5, ttl: 1 })).json;
    t.equal(first.value, 5);
    t.equal(first.reset_ms, 1_000);
    const second = (await increment(wire, { key: 'window', value: 1, ttl: 60 })).json;
    t.equal(second.value, 6, 'the same window');
    t.ok(Number(second.reset_ms) <= 1_000, 'that ends when it was to end');
    await until('it has ended', async () => (await readValue(wire, 'window')) === undefined);
    t.match((await increment(wire, { key: 'window', ttl: 60 })).json, { value: 1, reset_ms: 60_000 });
  });

  t.test('with max it is a rate limit: so many in each window, and the reply says when the next one begins', async (t) => {
    const wire = await service.connect(t);
    const hit = () => increment(wire, { key: 'limit', max: 2, ttl: 2 });
    t.match((await hit()).json, { value: 1, remaining: 1 });
    t.match((await hit()).json, { value: 2, remaining: 0 });
    const over = await hit();
    t.equal(over.status, 409);
    t.match(over.json, { code: 'bound', value: 2, remaining: 0 });
    const resetMs = Number(over.json.reset_ms);
    t.ok(resetMs > 0 && resetMs <= 2_000, `${resetMs} ms are left`);
    t.equal(over.headers.get('retry-after'), String(Math.ceil(resetMs / 1_000)), 'Retry-After says it in seconds');
    await until('the next window is open', async () => (await hit()).status === 200);
  });

  t.test('the end is exact: what is left never reads more than it is, and nothing is left after it', async (t) => {
    const wire = await service.connect(t);
    const openedMs = Date.now();
    await increment(wire, { key: 'exact', ttl: 1 });
    const countedMs = Date.now();
    let lastSeenMs = 0;
    await until('it has ended', async () => {
      const beforeMs = Date.now();
      const { status, json } = await ask(wire, 'GET', '/numbers/exact');
      if (status === 404) return true;
      lastSeenMs = beforeMs;
      const resetMs = Number(json.reset_ms);
      if (!(resetMs > 0 && resetMs <= 1_000)) t.fail(`${resetMs} ms left of 1,000`);
      return false;
    });
    t.ok(Date.now() - openedMs >= 1_000, 'it did not end early');
    t.ok(lastSeenMs <= countedMs + 1_000, 'and was never read after its end');
    t.match((await ask(wire, 'GET', '/numbers?key=exact')).json.counters, [{ key: 'exact', value: null }]);
    t.same((await ask(wire, 'GET', '/numbers?prefix=exact')).json.counters, []);
    t.match((await ask(wire, 'GET', '/sum?prefix=exact')).json, { sum: 0, count: 0 });
  });

  t.test('its row leaves the file, and its window’s with it', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'row', ttl: 1, durability: 'disk' });
    t.equal(stored(service.db, 'row'), 1);
    t.equal(rowCount(service.db, 'incrementer_windows', 'row'), 1);
    await until('it has ended', async () => (await readValue(wire, 'row')) === undefined);
    await until('both rows are gone', async () => {
      await wire.exchange(drain());
      return stored(service.db, 'row') === undefined && rowCount(service.db, 'incrementer_windows', 'row') === 0;
    });
  });

  t.test('a counter without an end does not get one, and keeps its value', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'forever', value: 7 });
    expectProblem(t, await increment(wire, { key: 'forever', ttl: 1 }), 409, 'not-a-window');
    t.equal(await readValue(wire, 'forever'), 7);
  });

  t.test('an increment without a ttl counts in the window that is open', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'mixed', ttl: 60 });
    t.match((await increment(wire, { key: 'mixed', value: 2 })).json, { value: 3 });
    const { json } = await ask(wire, 'GET', '/numbers/mixed');
    t.equal(json.value, 3);
    t.ok(Number(json.reset_ms) > 50_000, 'and it still ends');
  });

  t.test('a refused first step opens no window', async (t) => {
    const wire = await service.connect(t);
    t.equal((await increment(wire, { key: 'never', value: 2, max: 1, ttl: 60 })).status, 409);
    t.match((await increment(wire, { key: 'never', value: 1 })).json, { value: 1 });
    t.notOk('reset_ms' in (await ask(wire, 'GET', '/numbers/never')).json);
  });

  t.test('a window outlives a restart, and one that ends meanwhile is not there after it', async (t) => {
    const before = await serve(t, service.transport);
    const wire = await before.connect(t);
    await increment(wire, { key: 'long', value: 3, ttl: 3_600 });
    await increment(wire, { key: 'short', value: 4, ttl: 1 });
    const openedMs = Date.now();
    await before.stop();
    await until('the short one has ended', () => Date.now() > openedMs + 1_000);
    const after = await serve(t, service.transport, { db: before.db });
    const again = await after.connect(t);
    const { json } = await ask(again, 'GET', '/numbers/long');
    t.equal(json.value, 3);
    t.ok(Number(json.reset_ms) > 3_590_000 && Number(json.reset_ms) <= 3_600_000, 'with the time that it still has');
    t.equal(await readValue(again, 'short'), undefined);
    t.match((await increment(again, { key: 'short' })).json, { value: 1 }, 'it begins from zero');
  });
});
