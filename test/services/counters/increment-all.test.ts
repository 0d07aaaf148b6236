import fc from 'fast-check';
import t from 'tap';
import { fromBigInt, INT64_MAX, INT64_MIN, type Int64 } from '../../../dist/engine/int64.js';
import { Problem } from '../../../dist/http/problem.js';
import { holds } from '../../property.js';
import { Rig, said } from './rig.js';

t.test('a batch is one write, and says what each counter had after each of its increments', async (t) => {
  const rig = new Rig(t);
  rig.add('a', 10);
  t.match(rig.counters.incrementAll(['a', 'b', 'a', 'b', 'c'], [1, 2, 3, -2, 0]), { values: [11, 2, 14, 0, 0], seq: 2 });
  t.same(
    ['a', 'b', 'c'].map((key) => rig.counters.value(key)),
    [14, 0, 0],
  );
  await rig.drained();
  t.same(rig.rows(), { 'numbers a': [14], 'numbers b': [0], 'numbers c': [0] });
});

t.test('a batch of nothing writes nothing', async (t) => {
  const rig = new Rig(t);
  rig.add('a');
  t.match(rig.counters.incrementAll([], []), { values: [], seq: 1 });
  t.equal(rig.counters.seq, 1);
});

t.test('where one increment would overflow, the batch does nothing and says which it was', async (t) => {
  const rig = new Rig(t);
  rig.add('a', INT64_MAX - 5n);
  await rig.drained();
  const before = rig.memory('a', 'b', 'new');
  const batch = rig.counters.incrementAll(['b', 'a', 'new', 'a', 'b'], [1, 3, 1, 3, 1]);
  t.match(batch, { code: 'overflow', extension: { index: 3 }, detail: /^item 3: a is 9223372036854775805, and 3 more/ });
  t.same(rig.memory('a', 'b', 'new'), before);
  await rig.drained();
  t.same(rig.rows(), { 'numbers a': [INT64_MAX - 5n] });
  t.same(rig.addAll(['a', 'a', 'a'], [3, -1, 3]), [INT64_MAX - 2n, INT64_MAX - 3n, INT64_MAX], 'in their order they fit');
});

t.test('where the queue is almost full, a batch takes what room there is, its duplicates only once', async (t) => {
  const rig = new Rig(t, { queueCapacity: 4 });
  rig.add('old');
  rig.add('other');
  await rig.drained();
  rig.store.halting = true;
  for (const key of ['x', 'y']) rig.add(key);
  const before = rig.memory('old', 'other', 'new', 'x');
  t.equal(rig.addAll(['old', 'other', 'new'], [1, 1, 1]), 'queue-full');
  t.equal(rig.addAll(['x', 'new', 'x', 'newer', 'old', 'new'], [1, 1, 1, 1, 1, 1]), 'queue-full');
  t.same(rig.memory('old', 'other', 'new', 'x'), before, 'nothing of a refused batch is done');
  t.equal(rig.addAll(['1', '2', '3', '4', '5'], [1, 1, 1, 1, 1]), 'body-too-large', 'more than there ever is room for');
  t.equal(rig.counters.value('newer'), undefined);
  t.same(rig.addAll(['old', 'new', 'old', 'x', 'new', 'old'], [1, 1, 1, 1, 1, 1]), [2, 1, 3, 2, 2, 4]);
  t.equal(rig.addAll(['other'], [1]), 'queue-full', 'now it is full');
  t.same(rig.addAll(['new', 'x', 'new'], [1, 1, 1]), [3, 3, 4], 'for others');
  await rig.released();
  t.same(rig.rows(), { 'numbers new': [4], 'numbers old': [4], 'numbers other': [1], 'numbers x': [3], 'numbers y': [1] });
});

t.test('where the memory is almost full, a batch takes what room there is, its duplicates only once', async (t) => {
  const rig = new Rig(t, { maxCounters: 4 });
  for (const key of ['a', 'b']) rig.add(key);
  const before = rig.memory('a', 'c', 'd', 'e');
  t.equal(rig.addAll(['a', 'c', 'd', 'e'], [1, 1, 1, 1]), 'registry-full');
  t.same(rig.memory('a', 'c', 'd', 'e'), before);
  t.same(rig.addAll(['c', 'd', 'c', 'a', 'd', 'c'], [1, 1, 1, 1, 1, 1]), [1, 1, 2, 2, 2, 3]);
  t.equal(rig.addAll(['a', 'e'], [1, 1]), 'registry-full');
  t.equal(rig.counters.value('a'), 2);
  t.equal(rig.table.size, 4);
});

t.test('in a batch a deleted counter begins anew, without its window and its sources', async (t) => {
  const rig = new Rig(t);
  rig.hit('a', 60_000, 5);
  rig.report('a', 's', 5);
  await rig.drained();
  rig.delete('a');
  t.same(rig.addAll(['a', 'a'], [1, 2]), [1, 3]);
  await rig.drained();
  t.same(rig.rows(), { 'numbers a': [3] });
});

t.test('an ended counter without room to end lets no batch through', async (t) => {
  const rig = new Rig(t, { queueCapacity: 2 });
  rig.hit('a', 1_000, 5);
  rig.add('b');
  await rig.drained();
  rig.nowMs += 1_000;
  rig.store.halting = true;
  for (const key of ['x', 'y']) rig.add(key);
  const before = rig.memory('a', 'b', 'x');
  t.equal(rig.addAll(['x', 'a'], [1, 1]), 'queue-full');
  t.same(rig.memory('a', 'b', 'x'), before);
});

t.test('whatever the batches, each is done whole or not at all', async (t) => {
  const large = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
  const by = fc.oneof(
    fc.bigInt({ min: -9n, max: 9n }),
    large,
    fc.constantFrom(INT64_MAX, INT64_MIN, 2n ** 53n - 1n, 1n - 2n ** 53n),
  );
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const batch = fc.array(fc.record({ key, by }), { maxLength: 6, size: 'max' });
  const room = fc.integer({ min: 2, max: 6 });
  holds(
    t,
    fc.property(fc.array(batch, { maxLength: 10, size: 'max' }), room, room, (batches, maxCounters, queueCapacity) => {
      const rig = new Rig(t, { maxCounters, queueCapacity });
      // No turn passes, so nothing is drained: every counter there is is in the queue.
      const model = new Map<string, bigint>();
      return batches.every((items) => {
        const { seq } = rig.counters;
        const keys = items.map((item) => item.key);
        const added = new Set(keys.filter((each) => !model.has(each))).size;
        const done = doneWith(model, items, Math.min(maxCounters, queueCapacity));
        const counted = rig.counters.incrementAll(
          keys,
          items.map((item) => fromBigInt(item.by) as Int64),
        );
        const neverFits = added > queueCapacity && counted instanceof Problem && counted.code === 'body-too-large';
        const isRight =
          counted instanceof Problem
            ? counted.code.endsWith(String(done)) || (done === 'full' && neverFits)
            : counted.values.join() === String(done);
        const isSame = ['a', 'b', 'c', 'd', 'e', 'f'].every((each) => {
          const expected = model.get(each);
          return rig.counters.value(each) === (expected === undefined ? undefined : fromBigInt(expected));
        });
        const expectedSeq = seq + (typeof done === 'string' || items.length === 0 ? 0 : 1);
        return isRight && isSame && rig.counters.seq === expectedSeq;
      });
    }),
    300,
  );
});

/** Does a batch with a plain Map. Returns the values, or why it can't be done. */
function doneWith(
  model: Map<string, bigint>,
  items: readonly { readonly key: string; readonly by: bigint }[],
  max: number,
): bigint[] | 'full' | 'overflow' {
  const after = new Map(model);
  const values = items.map(({ key, by }) => {
    const value = (after.get(key) ?? 0n) + by;
    after.set(key, value);
    return value;
  });
  if (after.size > max) return 'full';
  if (values.some((value) => BigInt.asIntN(64, value) !== value)) return 'overflow';
  for (const [key, value] of after) model.set(key, value);
  return values;
}

t.test('a refusal of a plain increment changes nothing either', async (t) => {
  const rig = new Rig(t, { maxCounters: 3, queueCapacity: 2 });
  for (const key of ['a', 'b', 'c']) {
    rig.add(key);
    await rig.drained();
  }
  t.equal(rig.add('d'), 'registry-full');
  t.equal(rig.hit('d', 1_000), 'registry-full');
  t.equal(rig.counters.leftMs('d'), undefined, 'no window was opened');
  rig.store.halting = true;
  rig.add('a');
  rig.add('b');
  const before = rig.memory('a', 'c', 'd');
  t.equal(rig.add('c'), 'queue-full');
  t.equal(said(rig.counters.set('c', 5, undefined)), 'queue-full');
  t.equal(rig.delete('c'), 'queue-full');
  t.equal(rig.hit('d', 1_000), 'queue-full');
  t.equal(rig.add('d'), 'queue-full');
  t.same(rig.memory('a', 'c', 'd'), before);
  t.equal(rig.add('a'), 3, 'what is in the queue goes on');
  await rig.released();
  t.equal(rig.add('c'), 2);
});
