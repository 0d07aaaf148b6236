import fc from 'fast-check';
import t from 'tap';
import { INT64_MAX } from '../../../dist/engine/int64.js';
import { SOURCES_PER_COUNTER_MAX } from '../../../dist/services/counters/sources.js';
import { holds } from '../../property.js';
import { Rig } from './rig.js';

t.test('whatever the order and the repeats of reports, a counter is the sum of the highest totals', async (t) => {
  const report = fc.record({
    source: fc.constantFrom('s', 't', 'u'),
    total: fc.integer({ min: 0, max: 50 }),
    decrements: fc.integer({ min: 0, max: 50 }),
  });
  const rig = new Rig(t);
  let round = 0;
  holds(
    t,
    fc.property(fc.array(report, { minLength: 1, maxLength: 30, size: 'max' }), (reports) => {
      const key = `k${round++}`;
      const highest = (source: string, of: 'total' | 'decrements') =>
        reports.reduce((most, each) => (each.source === source ? Math.max(most, each[of]) : most), 0);
      for (const { source, total, decrements } of reports) rig.report(key, source, total, decrements);
      const sum = ['s', 't', 'u'].reduce((each, source) => each + highest(source, 'total') - highest(source, 'decrements'), 0);
      const sources = rig.counters.sourcesOf(key) ?? [];
      return (
        rig.counters.value(key) === sum &&
        sources.every(
          ({ source, total, decrements }) => total === highest(source, 'total') && decrements === highest(source, 'decrements'),
        )
      );
    }),
    300,
  );
});

t.test('the largest totals are exact, up and down', async (t) => {
  const rig = new Rig(t);
  t.equal(rig.report('a', 's', INT64_MAX, INT64_MAX), 0);
  t.equal(rig.report('a', 't', INT64_MAX, 1), INT64_MAX - 1n);
  t.equal(rig.report('a', 't', INT64_MAX, INT64_MAX), 0);
  t.equal(rig.report('b', 's', 2n ** 53n, 1), Number.MAX_SAFE_INTEGER, 'one form for each value');
});

t.test('a report that would leave the 64-bit range is not taken, and can be repeated later', async (t) => {
  const rig = new Rig(t);
  rig.add('a', INT64_MAX);
  rig.report('a', 's', 0);
  await rig.drained();
  const before = rig.memory('a');
  t.equal(rig.report('a', 's', 5), 'overflow');
  t.equal(rig.report('a', 'new', 5), 'overflow');
  t.same(rig.memory('a'), before, 'neither the counter nor its sources have changed');
  rig.add('a', -5);
  t.equal(rig.report('a', 's', 5), INT64_MAX);
});

t.test('where there are as many sources as there may be, a new one is refused and makes no counter', async (t) => {
  const rig = new Rig(t, { maxSources: 2 });
  rig.report('a', 's', 1);
  rig.report('a', 't', 1);
  await rig.drained();
  const before = rig.memory('a', 'b');
  t.equal(rig.report('a', 'u', 1), 'sources-full');
  t.equal(rig.report('b', 's', 1), 'sources-full');
  t.same(rig.memory('a', 'b'), before);
  t.equal(rig.report('a', 't', 2), 3, 'the known ones go on');
  rig.delete('a');
  t.equal(rig.report('b', 's', 1), 'sources-full', 'those of a deleted counter take their room until that is on disk');
  t.equal(rig.report('a', 's', 1), 1, 'which is theirs');
  await rig.drained();
  t.equal(rig.report('b', 's', 1), 1);
});

t.test('a counter takes so many sources and no more', async (t) => {
  const rig = new Rig(t, { queueCapacity: 3 * SOURCES_PER_COUNTER_MAX });
  for (let i = 0; i < SOURCES_PER_COUNTER_MAX; i++) rig.report('a', `s${i}`, 1);
  await rig.drained();
  const before = rig.memory('a');
  t.equal(rig.report('a', 'one more', 1), 'sources-full');
  t.same(rig.memory('a'), before);
  t.equal(rig.report('b', 'one more', 1), 1);
  t.equal(rig.delete('a'), SOURCES_PER_COUNTER_MAX);
  await rig.drained();
  t.equal(rig.store.rows.size, 2, 'it is deleted with all of them');
});

t.test('a counter never has more sources than can be deleted with it at once', async (t) => {
  const rig = new Rig(t, { queueCapacity: 4 });
  for (const source of ['s', 't', 'u', 'v']) {
    t.type(rig.report('a', source, 1), 'number');
    await rig.drained();
  }
  t.equal(rig.report('a', 'w', 1), 'sources-full');
  t.equal(rig.delete('a'), 4);
  await rig.drained();
  t.same(rig.rows(), {});
});

t.test('where a report has no room in a queue, neither the counter nor the source changes', async (t) => {
  const rig = new Rig(t, { queueCapacity: 2 });
  rig.report('a', 's', 1);
  rig.report('b', 's', 1);
  await rig.drained();
  rig.store.halting = true;
  rig.add('x');
  rig.add('y');
  const before = rig.memory('a', 'new');
  t.equal(rig.report('a', 's', 2), 'queue-full', 'no room for the counter');
  t.equal(rig.report('new', 's', 2), 'queue-full');
  t.same(rig.memory('a', 'new'), before);
  await rig.released();
  t.equal(rig.report('a', 's', 2), 2, 'the same report counts when there is room');

  rig.report('a', 't', 1);
  rig.store.halting = true;
  const full = rig.memory('a', 'b');
  t.equal(rig.report('a', 'u', 1), 'sources-full');
  t.equal(rig.report('b', 's', 2), 'queue-full', 'no room for the source');
  t.same(rig.memory('a', 'b'), full);
  t.equal(rig.report('a', 't', 5), 7, 'one that is in the queue goes on');
  await rig.released();
  t.same(rig.afterCrash(t).memory('a', 'b'), { ...rig.memory('a', 'b'), seq: rig.store.state.ceilingSeq });
});

t.test('where no more counters fit, a report makes neither a counter nor a source', async (t) => {
  const rig = new Rig(t, { maxCounters: 1, maxSources: 2 });
  rig.report('a', 's', 1);
  t.equal(rig.report('b', 's', 1), 'registry-full');
  t.equal(rig.counters.sourcesOf('b'), undefined);
  t.equal(rig.report('a', 't', 1), 2, 'the refused one took no place');
  await rig.drained();
  t.same(rig.rows(), { 'incrementer_sources a s': ['s', 1, 0], 'incrementer_sources a t': ['t', 1, 0], 'numbers a': [2] });
});

t.test('where a counter’s sources have no room in the queue, it is not deleted at all', async (t) => {
  const rig = new Rig(t, { queueCapacity: 3 });
  for (const source of ['s', 't']) {
    rig.report('a', source, 5);
    await rig.drained();
  }
  rig.store.halting = true;
  for (const source of ['s', 't']) rig.report('b', source, 1);
  const before = rig.memory('a');
  t.equal(rig.delete('a'), 'queue-full');
  t.same(rig.memory('a'), before);
  await rig.released();
  t.equal(rig.delete('a'), 10);
  await rig.drained();
  t.same(Object.keys(rig.rows()), ['incrementer_sources b s', 'incrementer_sources b t', 'numbers b']);
});

t.test('more sources in the file than there may be are refused', async (t) => {
  const rig = new Rig(t);
  rig.report('a', 's', 1);
  rig.report('a', 't', 1);
  await rig.drained();
  t.throws(() => rig.afterCrash(t, { maxSources: 1 }), /more than 1 rows: raise --max-sources/);
  t.equal(rig.afterCrash(t, { maxSources: 2 }).report('a', 's', 3), 4);
});
