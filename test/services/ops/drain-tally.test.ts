import t from 'tap';
import { DrainTally } from '../../../dist/services/ops/drain-tally.js';

const at = new Date(0);

t.test('it adds up the drains since it was last asked', async (t) => {
  const drains = new DrainTally();
  drains.add({ at, rows: 3, ms: 20 });
  drains.add({ at, rows: 4, ms: 10 });
  drains.add({ error: new Error('the disk is full'), ms: 99 });
  t.same(drains.take(), { drains: 2, failures: 1, rows: 7, msMax: 20 });
  t.same(drains.take(), { drains: 0, failures: 0, rows: 0, msMax: 0 });
});

t.test('for Prometheus it adds up all that there were, in seconds', async (t) => {
  const drains = new DrainTally();
  drains.add({ at, rows: 3, ms: 20 });
  drains.take();
  drains.add({ at, rows: 5_000, ms: 1_500 });
  drains.add({ error: new Error('the disk is full'), ms: 99 });
  const values = async (metric: DrainTally['seconds']) =>
    Object.fromEntries(
      (await metric.get()).values.map(({ metricName, labels, value }) => [`${metricName} ${labels.le ?? ''}`, value]),
    );
  t.match(await values(drains.seconds), {
    'incrementer_drain_duration_seconds_bucket 0.01': 0,
    'incrementer_drain_duration_seconds_bucket 0.025': 1,
    'incrementer_drain_duration_seconds_bucket 2.5': 2,
    'incrementer_drain_duration_seconds_count ': 2,
    'incrementer_drain_duration_seconds_sum ': 1.52,
  });
  t.match(await values(drains.rows), { 'incrementer_drain_rows_sum ': 5_003, 'incrementer_drain_rows_bucket 10': 1 });
  t.equal(drains.failures, 1);
});
