import t from 'tap';
import { INT64_MAX, INT64_MIN } from '../../../dist/engine/int64.js';
import type { Point } from '../../memory-store.js';
import { limits, Rig, said } from './rig.js';

const HOUR_MS = 3_600_000;

const POINTS: readonly Point[] = ['begun', 'taken', 'landed'];
/** A drain that is under way at each of its points, and how it then ends. */
const FLIGHTS = POINTS.flatMap((point) => [
  { point, error: undefined, what: `a drain that is ${point}` },
  { point, error: new Error('the disk is full'), what: `a drain that is ${point} and fails` },
]);

t.test('each write has the next number, and a refusal has none', async (t) => {
  const rig = new Rig(t);
  t.match(rig.counters.increment('a', 5), { key: 'a', value: 5, seq: 1 });
  t.match(rig.counters.set('a', 7, undefined), { key: 'a', value: 7, seq: 2 });
  t.match(rig.counters.set('a', 8, 9), { code: 'value-differs', extension: { value: 7 } });
  t.match(rig.counters.step('a', 1, limits({ max: 8 })), { value: 8, applied: 1, seq: 3 });
  t.match(rig.counters.step('a', 1, limits({ max: 8 })), { code: 'bound' });
  t.match(rig.counters.step('a', 1, limits({ max: 8, saturate: true })), { value: 8, applied: 0, seq: 3 }, 'it changed nothing');
  t.match(rig.counters.report('a', 's', 2, 0), { value: 10, seq: 4 });
  t.match(rig.counters.report('a', 's', 1, 0), { value: 10, seq: 4 }, 'nor did that');
  t.match(rig.counters.incrementAll(['a', 'b', 'a'], [1, 2, 3]), { values: [11, 2, 14], seq: 5 });
  t.match(rig.counters.delete('a'), { key: 'a', value: 14, seq: 6 });
  t.match(rig.counters.delete('a'), { code: 'unknown-key' });
  t.equal(rig.counters.seq, 6);
});

t.test('a counter that would leave the 64-bit range stays where it is', async (t) => {
  const rig = new Rig(t);
  rig.counters.set('high', INT64_MAX, undefined);
  rig.counters.set('low', INT64_MIN, undefined);
  await rig.drained();
  const before = rig.memory('high', 'low');
  t.equal(rig.add('high', 1), 'overflow');
  t.equal(rig.add('low', -1), 'overflow');
  t.equal(said(rig.counters.step('high', 1, limits({ min: 0 }))), 'overflow');
  t.equal(rig.report('high', 's', 1), 'overflow');
  t.same(rig.memory('high', 'low'), before);
});

t.test('a set with a value that is not there makes a counter of it, where 0 was expected', async (t) => {
  const rig = new Rig(t);
  t.equal(said(rig.counters.set('a', 5, 1)), 'value-differs');
  t.equal(rig.table.size, 0);
  t.equal(said(rig.counters.set('a', 0, 0)), 0);
  t.equal(rig.counters.value('a'), 0);
});

/** Has a counter with everything on disk that one can have. */
async function makeFull(rig: Rig): Promise<void> {
  rig.hit('a', HOUR_MS, 5);
  rig.report('a', 's', 10);
  await rig.drained();
}

const FULL = (rig: Rig) => ({
  'incrementer_sources a s': ['s', 10, 0],
  'incrementer_windows a': [rig.nowMs + HOUR_MS],
  'numbers a': [15],
});

for (const { point, error, what } of FLIGHTS) {
  t.test(`a counter that is deleted during ${what} is gone, and was not before`, async (t) => {
    const rig = new Rig(t);
    await makeFull(rig);
    rig.add('a', 1);
    await rig.halted(point);
    rig.delete('a');
    t.equal(rig.counters.value('a'), undefined);
    if (point === 'landed')
      t.same(rig.rows(), { ...FULL(rig), 'numbers a': [16] }, 'the batch has what was there when it was made');
    await rig.released(error);
    t.same(rig.rows(), {});
    t.equal(rig.table.size, 0);
    t.equal(rig.afterCrash(t).add('a'), 1);
  });

  t.test(`the batch of ${what} is of one instant, whatever is deleted and begun again meanwhile`, async (t) => {
    const rig = new Rig(t);
    await makeFull(rig);
    for (const step of [() => rig.add('a', 1), () => rig.report('a', 's', 12), () => rig.report('a', 't', 1)]) step();
    await rig.halted(point);
    rig.delete('a');
    rig.add('a', 100);
    rig.report('a', 's', 1);
    rig.delete('a');
    rig.hit('a', 2 * HOUR_MS, 7);
    rig.report('a', 't', 3);
    if (error === undefined && point !== 'landed') await rig.halted('landed');
    if (error === undefined) {
      t.same(rig.rows(), {
        'incrementer_sources a s': ['s', 12, 0],
        'incrementer_sources a t': ['t', 1, 0],
        'incrementer_windows a': [rig.nowMs + HOUR_MS],
        'numbers a': [19],
      });
    }
    await rig.released(error);
    t.same(rig.rows(), {
      'incrementer_sources a t': ['t', 3, 0],
      'incrementer_windows a': [rig.nowMs + 2 * HOUR_MS],
      'numbers a': [10],
    });
    t.same(rig.afterCrash(t).memory('a'), { ...rig.memory('a'), seq: rig.store.state.ceilingSeq });
  });

  t.test(`a counter that begins again during ${what}, of its deletion, is a fresh one`, async (t) => {
    const rig = new Rig(t);
    await makeFull(rig);
    rig.delete('a');
    await rig.halted(point);
    t.equal(rig.add('a', 3), 3);
    t.same([rig.counters.leftMs('a'), rig.counters.sourcesOf('a')], [undefined, []]);
    if (point === 'landed') t.same(rig.rows(), {}, 'a crash now leaves nothing');
    await rig.released(error);
    t.same(rig.rows(), { 'numbers a': [3] });
    t.equal(rig.report('a', 's', 4), 7, 'what was reported of the old one does not count');
  });

  t.test(`a counter that comes and goes during ${what}, of its deletion, stays deleted`, async (t) => {
    const rig = new Rig(t);
    await makeFull(rig);
    rig.delete('a');
    await rig.halted(point);
    rig.hit('a', HOUR_MS, 3);
    rig.report('a', 's', 4);
    rig.delete('a');
    await rig.released(error);
    t.same(rig.rows(), {});
    t.equal(rig.table.size, 0, 'and memory has let go of it');
    t.equal(rig.report('a', 's', 2), 2);
  });
}

t.test('a counter that is made and deleted before any drain leaves nothing behind', async (t) => {
  const rig = new Rig(t);
  rig.hit('a', HOUR_MS, 5);
  rig.report('a', 's', 10);
  rig.delete('a');
  await rig.drained();
  t.same([rig.rows(), rig.table.size], [{}, 0]);
});

t.test('a counter that is deleted and begun again before any drain is one row, with its new value', async (t) => {
  const rig = new Rig(t);
  await makeFull(rig);
  rig.delete('a');
  rig.counters.set('a', 9, 0);
  await rig.drained();
  t.same(rig.rows(), { 'numbers a': [9] });
  t.equal(rig.table.size, 1);
});

t.test('a deleted counter that awaits the store is in no list, and its room is taken', async (t) => {
  const rig = new Rig(t, { maxCounters: 2 });
  rig.add('a');
  rig.add('b');
  rig.delete('a');
  await rig.table.ready();
  t.same(rig.table.page('', undefined, 10), [{ key: 'b', value: 1 }]);
  t.equal(rig.add('c'), 'registry-full');
  await rig.drained();
  t.equal(rig.add('c'), 1);
});

t.test('rows of the file that can not be taken in are refused', async (t) => {
  const rig = new Rig(t, { maxCounters: 2 });
  const columns = [
    ['a', 'b', 'c'],
    [1, 2, 3],
  ];
  t.match(rig.table.load({ length: 3, columns }), /more than the 2 rows that fit/);
  const other = new Rig(t, { maxCounters: 2 });
  const twice = {
    length: 2,
    columns: [
      ['a', 'a'],
      [1, 2],
    ],
  };
  t.match(other.table.load(twice), /two rows of numbers have a key that reads as a/);
});
