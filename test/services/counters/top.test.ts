import fc from 'fast-check';
import t from 'tap';
import { fromBigInt, INT64_MAX, INT64_MIN, type Int64 } from '../../../dist/engine/int64.js';
import type { Valued } from '../../../dist/services/counters/counter-table.js';
import { Top } from '../../../dist/services/counters/top.js';
import { holds } from '../../property.js';

function topOf(limit: number, counters: readonly Valued[]): readonly Valued[] {
  const top = new Top(limit);
  for (const { key, value } of counters) top.add(key, value);
  return top.counters;
}

t.test('the highest come first, and those of the same value in the order of their keys', async (t) => {
  const counters = ['b', 'd', 'a', 'c'].map((key) => ({ key, value: key === 'd' ? 2 : 1 }));
  const keys = (limit: number) => topOf(limit, counters).map(({ key }) => key);
  t.same(keys(3), ['d', 'a', 'b']);
  t.same(keys(1), ['d']);
  t.same(keys(10), ['d', 'a', 'b', 'c']);
  t.same(topOf(3, []), []);
});

t.test('large and small values are told apart exactly', async (t) => {
  const counters = [
    { key: 'a', value: 2n ** 53n },
    { key: 'b', value: 2n ** 53n + 1n },
    { key: 'c', value: Number.MAX_SAFE_INTEGER },
    { key: 'd', value: INT64_MIN },
  ];
  t.same(
    topOf(4, counters).map(({ key }) => key),
    ['b', 'a', 'c', 'd'],
  );
});

t.test('whatever comes in whatever order, it is what sorting and cutting leaves', async (t) => {
  const value = fc
    .oneof(
      fc.bigInt({ min: -3n, max: 3n }),
      fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
      fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    )
    .map((each) => fromBigInt(each) as Int64);
  const counters = fc.uniqueArray(fc.record({ key: fc.string({ maxLength: 3 }), value }), {
    selector: ({ key }) => key,
    maxLength: 60,
    size: 'max',
  });
  holds(
    t,
    fc.property(counters, fc.integer({ min: 1, max: 20 }), (all, limit) => {
      const sorted = [...all].sort((a, b) => (a.value === b.value ? (a.key < b.key ? -1 : 1) : a.value > b.value ? -1 : 1));
      const top = topOf(limit, all);
      return (
        top.length === Math.min(limit, all.length) &&
        top.every(({ key, value }, i) => key === sorted[i]?.key && value === sorted[i]?.value)
      );
    }),
    2_000,
  );
});
