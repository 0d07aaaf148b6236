import fc from 'fast-check';
import t from 'tap';
import { fromBigInt, INT64_MAX, INT64_MIN, type Int64 } from '../../../dist/engine/int64.js';
import { type Bounds, step } from '../../../dist/services/counters/bounds.js';
import { holds } from '../../property.js';

const CASES: readonly (readonly [
  what: string,
  value: Int64,
  by: Int64,
  bounds: Partial<Bounds>,
  expected: readonly [Int64, Int64] | string,
])[] = [
  ['without bounds', 5, 3, {}, [8, 3]],
  ['without bounds, down', 5, -8, {}, [-3, -8]],
  ['below the upper bound', 5, 3, { max: 9 }, [8, 3]],
  ['up to the upper bound', 5, 4, { max: 9 }, [9, 4]],
  ['over the upper bound', 5, 5, { max: 9 }, 'bound'],
  ['over the upper bound, stopping', 5, 5, { max: 9, saturate: true }, [9, 4]],
  ['from the upper bound', 9, 1, { max: 9 }, 'bound'],
  ['from the upper bound, stopping', 9, 1, { max: 9, saturate: true }, [9, 0]],
  ['from beyond the upper bound, up', 12, 1, { max: 9 }, 'bound'],
  ['from beyond the upper bound, up, stopping', 12, 1, { max: 9, saturate: true }, [12, 0]],
  ['from beyond the upper bound, down', 12, -1, { max: 9 }, [11, -1]],
  ['from beyond the upper bound, down to below the lower', 12, -13, { min: 0, max: 9 }, 'bound'],
  ['down to the lower bound', 5, -5, { min: 0 }, [0, -5]],
  ['below the lower bound', 5, -6, { min: 0 }, 'bound'],
  ['below the lower bound, stopping', 5, -6, { min: 0, saturate: true }, [0, -5]],
  ['from below the lower bound, up', -5, 2, { min: 0 }, [-3, 2]],
  ['from below the lower bound, up and over the upper', -5, 20, { min: 0, max: 9, saturate: true }, [9, 14]],
  ['from below the lower bound, down, stopping', -5, -1, { min: 0, saturate: true }, [-5, 0]],
  ['a step of nothing beyond a bound', 12, 0, { min: 0, max: 9 }, [12, 0]],
  ['a step of nothing beyond a bound, stopping', 12, 0, { min: 0, max: 9, saturate: true }, [12, 0]],
  ['over the range', INT64_MAX, 1, {}, 'overflow'],
  ['under the range', INT64_MIN, -1, {}, 'overflow'],
  ['over the range, with a lower bound only', INT64_MAX, 1, { min: 0, saturate: true }, 'overflow'],
  ['over the range, with an upper bound', INT64_MAX, 1, { max: INT64_MAX }, 'bound'],
  ['over the range, stopping at its end', INT64_MAX - 5n, INT64_MAX, { max: INT64_MAX, saturate: true }, [INT64_MAX, 5]],
  ['under the range, stopping at its end', INT64_MIN + 5n, INT64_MIN, { min: INT64_MIN, saturate: true }, [INT64_MIN, -5]],
  ['across all of the range', -1, INT64_MAX, { max: INT64_MAX }, [INT64_MAX - 1n, INT64_MAX]],
  ['from a large number to a small one', 2n ** 53n, -1, { min: 0 }, [Number.MAX_SAFE_INTEGER, -1]],
];

for (const [what, value, by, { min, max, saturate = false }, expected] of CASES) {
  t.test(`a step ${what}`, async (t) => {
    const stepped = step(value, by, { min, max, saturate });
    t.strictSame(typeof stepped === 'string' ? stepped : [stepped.value, stepped.applied], expected);
  });
}

/** Numbers of every size, and those next to where something changes. */
const EDGES = [0n, 2n ** 53n, -(2n ** 53n), INT64_MAX, INT64_MIN].flatMap((edge) => [
  edge - 2n,
  edge - 1n,
  edge,
  edge + 1n,
  edge + 2n,
]);
const int64 = fc
  .oneof(fc.bigInt({ min: -20n, max: 20n }), fc.constantFrom(...EDGES), fc.bigInt({ min: INT64_MIN, max: INT64_MAX }))
  .map((value) => (value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value));

t.test('a step is what integers without an end make of it', async (t) => {
  const bounds = fc
    .tuple(fc.option(int64, { nil: undefined }), fc.option(int64, { nil: undefined }))
    .map(([a, b]) => (a !== undefined && b !== undefined && a > b ? [b, a] : [a, b]));
  holds(
    t,
    fc.property(int64, int64, bounds, fc.boolean(), (value, by, [min, max], saturate) => {
      const canonical = (each: bigint | undefined) => (each === undefined ? undefined : (fromBigInt(each) as Int64));
      const stepped = step(canonical(value) as Int64, canonical(by) as Int64, {
        min: canonical(min),
        max: canonical(max),
        saturate,
      });
      const expected = stepOf(value, by, min, max, saturate);
      if (typeof stepped === 'string' || typeof expected === 'string') return stepped === expected;
      return stepped.value === canonical(expected) && stepped.applied === canonical(expected - value);
    }),
    20_000,
  );
});

/** In words: up to the upper bound, or not at all where it stands there or beyond; the same downwards. */
function stepOf(value: bigint, by: bigint, min: bigint | undefined, max: bigint | undefined, saturate: boolean): bigint | string {
  const end = value + by;
  const isOut = (by > 0n && max !== undefined && end > max) || (by < 0n && min !== undefined && end < min);
  if (!isOut) return BigInt.asIntN(64, end) === end ? end : 'overflow';
  if (!saturate) return 'bound';
  const bound = (by > 0n ? max : min) as bigint;
  if (by > 0n) return value > bound ? value : bound;
  return value < bound ? value : bound;
}
