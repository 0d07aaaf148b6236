import type { Random } from '../../torture/random.js';

const EDGES = [
  0n,
  1n,
  -1n,
  -7n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/** A signed 64-bit integer: mostly a small one. */
export function pickValue(random: Random): bigint {
  const dice = random.fraction();
  if (dice < 0.3) return BigInt(random.between(-9, 9));
  return dice < 0.75 ? BigInt(random.between(-1_000, 1_000)) : random.pick(EDGES);
}

/** A running total. */
export function pickTotal(random: Random): bigint {
  const value = pickValue(random);
  return value < 0n ? -(value + 1n) : value;
}
