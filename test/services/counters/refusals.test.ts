import fc from 'fast-check';
import t from 'tap';
import { fromBigInt, INT64_MAX, INT64_MIN, type Int64 } from '../../../dist/engine/int64.js';
import { Problem } from '../../../dist/http/problem.js';
import { itemProblem, outOfBounds, overflowOf, remaining } from '../../../dist/services/counters/refusals.js';
import { holds } from '../../property.js';

const MAX_ONLY = { min: undefined, max: 10, saturate: false };

t.test('what is left up to a bound is exact, even where it is more than 64 bits hold', async (t) => {
  t.equal(remaining(3, 10), 7);
  t.equal(remaining(10, 10), 0);
  t.equal(remaining(12, 10), 0, 'beyond it nothing is left');
  t.equal(remaining(INT64_MIN, INT64_MAX), 2n ** 64n - 1n);
  t.equal(remaining(-1, INT64_MAX), 2n ** 63n);
  t.equal(remaining(2n ** 53n, 2n ** 53n + 1n), 1);
});

t.test('a refused step says where the counter stands, how far it is to the bound, and when it ends', async (t) => {
  t.match(outOfBounds('a', 8, 3, MAX_ONLY, undefined).extension, { value: 8, remaining: 2 });
  t.notOk('reset_ms' in (outOfBounds('a', 8, 3, MAX_ONLY, undefined).extension ?? {}));
  t.same(outOfBounds('a', 8, 3, MAX_ONLY, 12.3).extension, { value: 8, remaining: 2, reset_ms: 13 });
  t.same(outOfBounds('a', 1, -3, { ...MAX_ONLY, min: 0, max: undefined }, undefined).extension, { value: 1 });
  t.match(outOfBounds('a', 8, 3, MAX_ONLY, undefined).detail, /8, and 3 more would be above 10/);
  t.match(outOfBounds('a', 8, -9, { ...MAX_ONLY, min: 0 }, undefined).detail, /8, and -9 more would be below 0/);
});

t.test('a problem of one item of many keeps what it said, and says which', async (t) => {
  const problem = itemProblem(3, new Problem('invalid-parameter', 'key is empty', 'key', { value: 1 }));
  t.match(problem, {
    code: 'invalid-parameter',
    detail: 'item 3: key is empty',
    field: 'key',
    extension: { value: 1, index: 3 },
  });
});

t.test('of many increments the first that would leave the range is told, in the order in which they count', async (t) => {
  const half = 2n ** 62n;
  const of = (values: readonly Int64[], bys: readonly Int64[], keys = values.map(() => 'a')) =>
    overflowOf(keys, bys, (i) => values[i] as Int64);
  t.equal(of([0, 0], [INT64_MAX, 0]), undefined);
  t.match(of([0, 0, 0], [half, half, -1]), { code: 'overflow', extension: { index: 1 } }, 'though the sum would fit');
  t.equal(of([0, 0, 0], [half, -1, half]), undefined);
  t.equal(of([0, 0], [half, half], ['a', 'b']), undefined, 'each key for itself');
  t.match(of([1, INT64_MAX], [1, 1], ['a', 'b']), { extension: { index: 1 } });
  t.match(of([INT64_MIN], [-1]), { extension: { index: 0 } });
  t.equal(of([2n ** 53n - 2n], [Number.MAX_SAFE_INTEGER]), undefined);
});

t.test('whatever the increments, they are refused where one of them would leave the range', async (t) => {
  const large = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
  const number = fc.oneof(large, fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), fc.bigInt({ min: -9n, max: 9n }));
  const item = fc.record({ key: fc.constantFrom('a', 'b', 'c'), by: number });
  const values = fc.record({ a: number, b: number, c: number });
  holds(
    t,
    fc.property(values, fc.array(item, { maxLength: 8, size: 'max' }), (values, items) => {
      const sums = new Map(Object.entries(values));
      const index = items.findIndex(({ key, by }) => {
        const sum = (sums.get(key) as bigint) + by;
        sums.set(key, sum);
        return BigInt.asIntN(64, sum) !== sum;
      });
      const keys = items.map(({ key }) => key);
      const bys = items.map(({ by }) => fromBigInt(by) as Int64);
      const problem = overflowOf(keys, bys, (i) => fromBigInt(values[keys[i] as 'a' | 'b' | 'c']) as Int64);
      return (problem?.extension?.index ?? -1) === index;
    }),
    5_000,
  );
});
