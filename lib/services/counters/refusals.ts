import { add, type Int64, subtract } from '../../engine/int64.js';
import { Problem } from '../../http/problem.js';
import type { Bounds } from './bounds.js';

export function unknownKey(key: string): Problem {
  return new Problem('unknown-key', `${key} was never counted`);
}

export function overflow(key: string, value: Int64, by: Int64): Problem {
  return new Problem('overflow', `${key} is ${value}, and ${by} more is outside the signed 64-bit range`);
}

export function notAWindow(key: string): Problem {
  return new Problem('not-a-window', `${key} counts without an end; once it is deleted, it can begin with one`);
}

/** @param leftMs how long the counter still has, if it has an end. */
export function outOfBounds(key: string, value: Int64, by: Int64, { min, max }: Bounds, leftMs: number | undefined): Problem {
  const bound = by > 0 ? `above ${max}` : `below ${min}`;
  return new Problem('bound', `${key} is ${value}, and ${by} more would be ${bound}`, undefined, {
    value,
    ...(max === undefined ? {} : { remaining: remaining(value, max) }),
    ...(leftMs === undefined ? {} : { reset_ms: Math.ceil(leftMs) }),
  });
}

/** How far it is to the upper bound; 0 beyond it. */
export function remaining(value: Int64, max: Int64): Int64 | bigint {
  if (value >= max) return 0;
  // It may be as large as 2^64-1.
  return subtract(max, value) ?? BigInt(max) - BigInt(value);
}

/**
 * The first of many increments that would leave the 64-bit range.
 *
 * @param valueAt what the counter at a place has.
 */
export function overflowOf(
  keys: readonly string[],
  bys: readonly Int64[],
  valueAt: (index: number) => Int64,
): Problem | undefined {
  let farthest = 0;
  let steps = 0;
  for (let i = 0; i < keys.length; i++) {
    farthest = Math.max(farthest, Math.abs(Number(valueAt(i))));
    steps += Math.abs(Number(bys[i]));
  }
  // Where all steps together can't get there from the farthest value, none can on its own.
  if (farthest + steps <= Number.MAX_SAFE_INTEGER) return undefined;
  const values = new Map<string, Int64>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const before = values.get(key) ?? valueAt(i);
    const value = add(before, bys[i] as Int64);
    if (value === undefined) return itemProblem(i, overflow(key, before, bys[i] as Int64));
    values.set(key, value);
  }
  return undefined;
}

/** A problem of one item of a batch, with its index. */
export function itemProblem(index: number, { code, detail, field, extension }: Problem): Problem {
  return new Problem(code, `item ${index}: ${detail}`, field, { ...extension, index });
}
