import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../condition.js';
import { limits, Rig, SOME_DAY_MS, said } from './rig.js';

const TTL_MS = 1_000;

t.test('a window ends exactly at its millisecond, for everyone who looks', async (t) => {
  const rig = new Rig(t);
  t.equal(rig.hit('a', TTL_MS, 5), 5);
  rig.nowMs += TTL_MS - 1;
  t.same([rig.counters.value('a'), rig.counters.leftMs('a')], [5, 1]);
  t.equal(rig.hit('a', TTL_MS), 6, 'the last millisecond counts');
  rig.nowMs += 1;
  t.equal(rig.counters.value('a'), undefined, '0 ms left is over');
  t.equal(rig.counters.sourcesOf('a'), undefined);
  await rig.table.ready();
  t.same(rig.table.page('', undefined, 10), []);
  const scanned: string[] = [];
  await rig.table.scan('', (key) => scanned.push(key));
  t.same(scanned, []);
  t.equal(rig.delete('a'), 'unknown-key');
});

t.test('after its end a counter begins from zero: with a new window, or without one', async (t) => {
  const rig = new Rig(t);
  for (const key of ['again', 'plain', 'set', 'reported', 'batched', 'compared']) rig.hit(key, TTL_MS, 7);
  rig.nowMs += TTL_MS;
  t.same([rig.hit('again', TTL_MS), rig.counters.leftMs('again')], [1, TTL_MS]);
  t.same([rig.add('plain'), rig.counters.leftMs('plain')], [1, undefined]);
  t.equal(said(rig.counters.set('compared', 2, 7)), 'value-differs');
  t.same([said(rig.counters.set('set', 9, 0)), rig.counters.leftMs('set')], [9, undefined]);
  t.same([rig.report('reported', 's', 4), rig.counters.leftMs('reported')], [4, undefined]);
  t.same([rig.addAll(['batched', 'batched'], [1, 1]), rig.counters.leftMs('batched')], [[1, 2], undefined]);
  rig.nowMs += TTL_MS;
  t.same(
    ['plain', 'set', 'reported', 'batched', 'again'].map((key) => rig.counters.value(key)),
    [1, 9, 4, 2, undefined],
    'what has no window any more does not end',
  );
});

t.test('nothing but a first step opens a window, and nothing moves its end', async (t) => {
  const rig = new Rig(t);
  rig.hit('a', TTL_MS);
  rig.nowMs += 400;
  rig.hit('a', TTL_MS * 50);
  rig.add('a');
  rig.counters.set('a', 3, undefined);
  rig.report('a', 's', 5);
  rig.addAll(['a'], [1]);
  t.equal(rig.counters.leftMs('a'), 600);
  rig.add('endless');
  t.equal(rig.hit('endless', TTL_MS), 'not-a-window');
  t.same(rig.memory('endless'), { ...rig.memory('endless'), seen: [['endless', 1, undefined, []]] });
  const refused = rig.counters.step('new', 5, limits({ max: 4, ttlMs: TTL_MS }));
  t.equal(said(refused), 'bound');
  t.same([rig.add('new'), rig.counters.leftMs('new')], [1, undefined], 'a refused step opens none');
});

t.test('a deleted counter has lost its window', async (t) => {
  const rig = new Rig(t);
  rig.hit('a', TTL_MS, 5);
  rig.delete('a');
  t.equal(rig.add('a', 2), 2);
  rig.nowMs += TTL_MS;
  t.equal(rig.counters.value('a'), 2);
  rig.delete('a');
  rig.hit('a', TTL_MS);
  t.equal(rig.counters.leftMs('a'), TTL_MS, 'and has the new one, if it is opened');
  await rig.drained();
  t.same(rig.rows(), { 'incrementer_windows a': [rig.nowMs + TTL_MS], 'numbers a': [1] });
});

t.test('a sweep takes out what has ended, the earliest first and no more than it may, and leaves the rest', async (t) => {
  const rig = new Rig(t);
  for (let i = 0; i < 10; i++) rig.hit(`k${i}`, TTL_MS + ((i * 7) % 10), i);
  await rig.drained();
  rig.nowMs += TTL_MS + 6;
  const before = rig.counters.seq;
  rig.table.sweep(3);
  t.equal(rig.counters.seq, before + 3);
  await rig.drained();
  const left = () =>
    Array.from({ length: 10 }, (_, i) => (rig.store.rows.has(`numbers k${i}`) ? i : undefined)).filter((i) => i !== undefined);
  t.same(left(), [1, 2, 4, 5, 7, 8, 9], 'those that ended at 0, 1 and 2 are gone');
  rig.table.sweep(100);
  await rig.drained();
  t.same(left(), [1, 4, 7], 'those of 7 to 9 have not ended');
  t.equal([...rig.store.rows.keys()].filter((name) => name.startsWith('incrementer_windows')).length, 3);
  t.equal(rig.table.size, 3, 'and memory has let go of the others');
});

t.test('the server sweeps by itself, at most 1,000 in one turn', async (t) => {
  const rig = new Rig(t);
  for (let i = 0; i < 2_500; i++) rig.hit(`k${i}`, TTL_MS);
  await rig.drained();
  rig.nowMs += TTL_MS;
  const before = rig.counters.seq;
  rig.counters.start();
  let largest = 0;
  let last = before;
  await until('all are gone', async () => {
    // A sweep comes from a timer: there is no more than one between two looks.
    for (let turn = 0; turn < 50; turn++) {
      await nextTurn();
      largest = Math.max(largest, rig.counters.seq - last);
      last = rig.counters.seq;
    }
    return last === before + 2_500;
  });
  t.equal(largest, 1_000);
});

t.test('to sweep among many open windows takes no time', async (t) => {
  const rig = new Rig(t, { maxCounters: 200_000, queueCapacity: 400_000 });
  for (let i = 0; i < 100_000; i++) rig.hit(`k${i}`, TTL_MS + i);
  rig.looks = 0;
  const startMs = performance.now();
  for (let i = 0; i < 1_000; i++) rig.table.sweep(1_000);
  const ms = performance.now() - startMs;
  t.equal(rig.looks, 1_000, 'each looks at the first window only');
  // A look at each of them would take half a minute.
  t.ok(ms < 1_000, `${ms} ms`);
});

t.test('what has ended and has no room in the queue stays out of sight, and is taken out later', async (t) => {
  const rig = new Rig(t, { queueCapacity: 4 });
  for (const key of ['a', 'b', 'c']) {
    rig.hit(key, TTL_MS, 5);
    await rig.drained();
  }
  rig.nowMs += TTL_MS;
  await rig.halted('taken');
  for (const key of ['w', 'x']) rig.hit(key, TTL_MS);
  rig.table.sweep(10);
  t.same(
    ['a', 'b', 'c', 'w', 'x'].map((key) => rig.counters.value(key)),
    [undefined, undefined, undefined, 1, 1],
  );
  t.equal(rig.table.size, 5, 'none is forgotten yet');
  t.match(rig.memory('c'), { queued: 8 }, 'two of the three had room');
  t.equal(rig.add('c'), 'queue-full', 'the third can not be counted on');
  t.equal(rig.delete('c'), 'queue-full');
  t.equal(said(rig.counters.set('c', 1, 0)), 'queue-full');
  t.equal(rig.addAll(['x', 'c'], [1, 1]), 'queue-full');
  t.equal(rig.counters.value('x'), 1);
  await rig.released();
  rig.table.sweep(10);
  await rig.drained();
  t.same(Object.keys(rig.rows()), ['incrementer_windows w', 'incrementer_windows x', 'numbers w', 'numbers x']);
});

t.test('where the clock is put back, windows last until their time of day, and the next ones end at theirs', async (t) => {
  const rig = new Rig(t);
  rig.hit('before', TTL_MS, 5);
  rig.nowMs -= 10 * TTL_MS;
  t.same([rig.counters.value('before'), rig.counters.leftMs('before')], [5, 11 * TTL_MS]);
  rig.hit('after', TTL_MS, 6);
  t.equal(rig.counters.leftMs('after'), TTL_MS);
  rig.nowMs += TTL_MS;
  rig.table.sweep(10);
  t.same([rig.counters.value('before'), rig.counters.value('after')], [5, undefined], 'the later one ends first');
  rig.nowMs = SOME_DAY_MS + TTL_MS;
  rig.table.sweep(10);
  await rig.drained();
  t.same(rig.rows(), {});
});

t.test('what was taken out stays out, though the clock is put back', async (t) => {
  const rig = new Rig(t);
  rig.hit('swept', TTL_MS, 5);
  rig.hit('counted', TTL_MS, 5);
  rig.nowMs += TTL_MS;
  rig.hit('counted', TTL_MS);
  rig.table.sweep(10);
  rig.nowMs -= TTL_MS;
  t.same([rig.counters.value('swept'), rig.counters.value('counted')], [undefined, 1]);
  t.equal(rig.counters.leftMs('counted'), 2 * TTL_MS);
  await rig.drained();
  t.same(rig.afterCrash(t).memory('swept', 'counted'), { ...rig.memory('swept', 'counted'), seq: rig.store.state.ceilingSeq });
});

t.test('one look at the clock decides: a counter that ends while it is written to is written to', async (t) => {
  const rig = new Rig(t);
  rig.hit('stepped', TTL_MS, 5);
  rig.report('reported', 's', 0);
  rig.delete('reported');
  rig.hit('reported', TTL_MS, 5);
  rig.report('reported', 's', 10);
  rig.nowMs += TTL_MS - 1;
  // From here on the clock goes on by a millisecond whenever somebody looks.
  const endMs = rig.nowMs;
  rig.lookMs = 1;
  const stepped = rig.counters.step('stepped', 1, limits({ ttlMs: TTL_MS }));
  t.match(stepped, { value: 6, leftMs: 1 }, 'what is left of one that counts is never nothing');
  rig.nowMs = endMs;
  t.equal(rig.report('reported', 's', 12), 17, 'not 2, as if what was reported before had been forgotten');
});

t.test('windows are loaded with the ends that they had', async (t) => {
  const before = new Rig(t);
  before.hit('long', TTL_MS * 60, 3);
  before.hit('short', TTL_MS, 4);
  before.report('short', 's', 6);
  await before.drained();
  before.nowMs += TTL_MS;
  const rig = before.afterCrash(t);
  t.same([rig.counters.value('long'), rig.counters.leftMs('long')], [3, TTL_MS * 59]);
  t.equal(rig.counters.value('short'), undefined, 'it ended meanwhile');
  t.equal(rig.report('short', 's', 7), 7, 'and so did what its sources had reported');
  rig.nowMs += TTL_MS * 59;
  rig.table.sweep(10);
  await rig.drained();
  t.same(rig.rows(), { 'incrementer_sources short s': ['s', 7, 0], 'numbers short': [7] });
});
