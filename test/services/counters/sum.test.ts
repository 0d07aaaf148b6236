import fc from 'fast-check';
import t from 'tap';
import { fromBigInt, INT64_MAX, INT64_MIN, type Int64 } from '../../../dist/engine/int64.js';
import { Sum } from '../../../dist/services/counters/sum.js';
import { holds } from '../../property.js';

function sumOf(values: readonly Int64[]): Sum {
  const sum = new Sum();
  for (const value of values) sum.add('key', value);
  return sum;
}

t.test('nothing adds up to 0', async (t) => {
  t.same([sumOf([]).value, sumOf([]).count], [0, 0]);
});

t.test('a sum is exact beyond what a double holds, and beyond 64 bits', async (t) => {
  t.equal(sumOf([Number.MAX_SAFE_INTEGER, 1, 1, 1]).value, 2n ** 53n + 2n);
  t.equal(sumOf([INT64_MAX, INT64_MAX, INT64_MAX]).value, 3n * INT64_MAX);
  t.equal(sumOf([INT64_MIN, INT64_MIN]).value, -(2n ** 64n));
  t.equal(sumOf([INT64_MAX, 1, -INT64_MAX]).value, 1, 'and a number again where it is small');
  t.equal(sumOf([Number.MAX_SAFE_INTEGER, 5, Number.MIN_SAFE_INTEGER]).value, 5);
});

t.test('whatever is added, it is what integers without an end add up to', async (t) => {
  const value = fc.oneof(
    fc.bigInt({ min: -9n, max: 9n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 53n) - 3n, max: -(2n ** 53n) + 3n }),
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  );
  holds(
    t,
    fc.property(fc.array(value, { maxLength: 50, size: 'max' }), (values) => {
      const sum = sumOf(values.map((each) => fromBigInt(each) as Int64));
      const expected = values.reduce((each, other) => each + other, 0n);
      const isNumber = Number.isSafeInteger(Number(expected));
      return sum.count === values.length && sum.value === (isNumber ? Number(expected) : expected);
    }),
    5_000,
  );
});
