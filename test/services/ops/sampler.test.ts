import t, { type Test } from 'tap';
import { WriteBehind } from '../../../dist/engine/write-behind.js';
import { countRequest, RequestCounts } from '../../../dist/http/request-counts.js';
import { NUMBERS } from '../../../dist/services/counters/counter.js';
import { DrainTally } from '../../../dist/services/ops/drain-tally.js';
import { Sampler } from '../../../dist/services/ops/sampler.js';
import { until } from '../../condition.js';
import { MemoryStore } from '../../memory-store.js';

function rig(t: Test) {
  const drains = new DrainTally();
  const writes = new WriteBehind({
    store: new MemoryStore({ seq: 70, ceilingSeq: 100, clean: false }),
    intervalMs: 3_600_000,
    waitMs: Number.POSITIVE_INFINITY,
    queueCapacity: 10,
    nowMs: () => performance.now(),
    onStoreChange: () => undefined,
    onDrain: (drain) => drains.add(drain),
  });
  const entry = { dirtyIn: 0 };
  const queue = writes.queue({ table: NUMBERS, change: () => ['a', 1] });
  const write = () => {
    queue.admit(entry);
    return writes.stamp();
  };
  const requests = new RequestCounts();
  const clock = { ms: 1_000_000 };
  const sampler = new Sampler({ writes, drains, requests, wallMs: () => clock.ms });
  writes.start({ seq: 70, ceilingSeq: 100, clean: false });
  sampler.start();
  t.teardown(async () => {
    sampler.stop();
    await writes.stop(Number.POSITIVE_INFINITY);
  });
  return { write, writes, requests, clock, sampler };
}

/** The last sample. */
function last(sampler: Sampler): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(sampler.since(0)).map(([figure, values]) => [figure, values.at(-1)]));
}

t.test('a sample has what came since the one before', async (t) => {
  const { write, writes, requests, sampler } = rig(t);
  for (let i = 0; i < 3; i++) write();
  countRequest(requests.unrouted, 404);
  sampler.sample();
  t.match(last(sampler), { increments: 3, requests: 1, drains: 0, drain_ms: 0, seq: 103, durable_seq: 100, queue: 1 });
  await new Promise<void>((resolve) => writes.whenDurable(102, () => resolve()));
  write();
  sampler.sample();
  t.match(last(sampler), { increments: 1, requests: 0, drains: 1, drained_rows: 1, seq: 104, durable_seq: 103 });
  t.ok((last(sampler).drain_ms ?? 0) > 0);
  t.ok((last(sampler).heap_bytes ?? 0) > 1e6 && (last(sampler).rss_bytes ?? 0) > 1e6);
  sampler.sample();
  t.match(last(sampler), { increments: 0, drains: 0, drain_ms: 0 });
});

t.test('times grow from each sample to the next, though the clock be put back', async (t) => {
  const { clock, sampler } = rig(t);
  sampler.sample();
  clock.ms -= 5_000;
  sampler.sample();
  sampler.sample();
  clock.ms += 60_000;
  sampler.sample();
  t.same(sampler.since(0).at, [1_000_000, 1_000_001, 1_000_002, 1_055_000]);
});

t.test('a thread that is kept busy shows in the delays', async (t) => {
  const { sampler } = rig(t);
  await until('the thread was seen to be busy', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
    sampler.sample();
    return sampler.highest('delay_max_ms', 600) >= 20;
  });
  const { delay_p50_ms: p50, delay_p99_ms: p99, delay_max_ms: max } = sampler.since(0);
  for (const [i, high] of max.entries()) t.ok((p50[i] ?? 0) <= (p99[i] ?? 0) && (p99[i] ?? 0) <= high + 1, 'in their order');
});

t.test('samples come by themselves, and no more after a stop', async (t) => {
  const { sampler } = rig(t);
  await until('there is one', () => sampler.since(0).at.length > 0);
  sampler.stop();
  const count = sampler.since(0).at.length;
  const another = rig(t).sampler;
  await until('another one has two', () => another.since(0).at.length > 1);
  t.equal(sampler.since(0).at.length, count);
});
