import { FIGURES, type Samples } from '../../dist/services/ops/sample-ring.js';
import { until } from '../condition.js';
import { type Answer, ask, increment } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract } from './service.js';
import type { Wire } from './wire.js';

async function samples(wire: Wire, query = ''): Promise<Samples> {
  return (await ask(wire, 'GET', `/stats${query}`)).json.samples as Samples;
}

contract((t, service) => {
  t.test('the statistics say how the server is', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'a' });
    const { status, headers, json }: Answer = await ask(wire, 'GET', '/stats');
    t.equal(status, 200);
    t.equal(headers.get('cache-control'), 'no-store');
    t.match(json, {
      now: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
      interval_ms: 1_000,
      version: /^\d+\.\d+\.\d+/,
      transport: service.transport,
      uptime_s: Number,
      store: 'ok',
      counters: 1,
      readers: 0,
      users: 0,
    });
    t.same(json.reasons, []);
    t.same(Object.keys(json.samples as object), FIGURES);
  });

  t.test('each second is a sample, and every write and request is in one', async (t) => {
    const wire = await service.connect(t);
    const start = (await until('there is a sample', async () => (await samples(wire)).at.at(-1))) as number;
    const [before = 0] = (await samples(wire, `?since=${start - 1}`)).seq;
    for (let i = 0; i < 5; i++) await increment(wire, { key: 'b', ...(i === 4 && { durability: 'disk' }) });
    const after = await until('all are in samples', async () => {
      const later = await samples(wire, `?since=${start}`);
      return later.durable_seq.at(-1) === before + 5 && later;
    });
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    t.equal(sum(after.increments), 5);
    t.ok(sum(after.requests) >= 5);
    t.ok(sum(after.drains) >= 1 && sum(after.drained_rows) >= 1);
    t.ok(Math.max(...after.drain_ms) > 0);
    t.ok(after.heap_bytes.every((bytes) => bytes > 1e6) && after.rss_bytes.every((bytes) => bytes > 1e6));
    t.ok(
      after.at.every((at, i) => at > (after.at[i - 1] ?? start)),
      'times grow',
    );
    for (const figure of FIGURES) t.equal(after[figure].length, after.at.length, figure);
  });

  t.test('only later samples are given where a time is', async (t) => {
    const wire = await service.connect(t);
    const { at } = await until('there are two', async () => {
      const all = await samples(wire);
      return all.at.length > 1 && all;
    });
    t.same((await samples(wire, `?since=${at[0]}`)).at.slice(0, at.length - 1), at.slice(1));
    t.same((await samples(wire, '?since=999999999999999')).at, []);
  });

  for (const since of ['', '-1', '1.5', 'now', '1e3', '1234567890123456']) {
    t.test(`${JSON.stringify(since)} is no time`, async (t) => {
      expectProblem(t, await ask(await service.connect(t), 'GET', `/stats?since=${since}`), 400, 'invalid-parameter', 'since');
    });
  }

  t.test('there is no other parameter', async (t) => {
    expectProblem(t, await ask(await service.connect(t), 'GET', '/stats?key=a'), 400, 'unknown-parameter');
  });
});
