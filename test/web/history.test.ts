import { test } from 'tap';
import { History } from '../../lib/web/dashboard/history.js';

const START_MS = 1_795_000_000_000;

/** Samples, one a second: each of `increments` is a second's. */
function samples(increments: readonly number[], { fromS = 0, seq = 0 } = {}) {
  const column = (value: (i: number) => number) => increments.map((_, i) => value(i));
  return {
    at: column((i) => START_MS + (fromS + i) * 1_000),
    increments: [...increments],
    drains: column((i) => (i % 5 === 0 ? 1 : 0)),
    drained_rows: column((i) => (i % 5 === 0 ? 10 : 0)),
    drain_ms: column(() => 2),
    delay_p50_ms: column((i) => i),
    delay_p99_ms: column((i) => i * 2),
    queue: column((i) => i),
    oldest_pending_ms: column(() => 0),
    seq: column((i) => seq + i),
    durable_seq: column(() => seq),
    heap_bytes: column(() => 1),
    rss_bytes: column(() => 2),
  };
}

test('what is older than ten minutes is forgotten', async (t) => {
  const history = new History();
  t.equal(history.newestMs, undefined);
  history.add(samples(Array(400).fill(1)));
  history.add(samples(Array(400).fill(2), { fromS: 400, seq: 400 }));
  t.equal(history.samples.at.length, 600);
  t.equal(history.newestMs, START_MS + 799_000);
  t.equal(history.samples.at[0], START_MS + 200_000);
  for (const column of Object.values(history.samples)) t.equal(column.length, 600);
});

test('a second that took longer counts as what it was', async (t) => {
  const history = new History();
  history.add(samples([100, 100]));
  history.add(samples([400], { fromS: 5, seq: 2 }));
  t.same(history.perSecond(), [100, 100, 100]);
});

test('another file has another history, the same file after a restart has not', async (t) => {
  const history = new History();
  history.add(samples([1, 2, 3], { seq: 50 }));
  history.add(samples([4], { fromS: 10, seq: 60 }));
  t.equal(history.samples.at.length, 4);
  history.add(samples([5, 6], { fromS: 20, seq: 0 }));
  t.same(history.samples.increments, [5, 6]);
});

test('minutes are counted from the newest sample', async (t) => {
  const history = new History();
  t.same(history.minutes(), []);
  history.add(samples(Array.from({ length: 90 }, (_, i) => (i < 30 ? 10 : 20))));
  const [last, first, ...others] = history.minutes();
  t.same(others, []);
  t.match(last, { untilMs: START_MS + 89_000, perSecond: 20, drains: 12, rows: 120, p50Ms: 60, p99Ms: 178, queue: 89 });
  t.match(first, { untilMs: START_MS + 29_000, perSecond: 10, drains: 6, rows: 60, p50Ms: 15, p99Ms: 58, queue: 29 });
});
