import { add, type Int64, subtract } from '../../engine/int64.js';

/** Where a counter's steps end. */
export interface Bounds {
  /** No step down ends below it. */
  readonly min: Int64 | undefined;
  /** No step up ends above it. */
  readonly max: Int64 | undefined;
  /** A step that would cross a bound stops there, instead of being refused. */
  readonly saturate: boolean;
}

/** What an increment may ask for beside its step. */
export interface Limits extends Bounds {
  /** In how many milliseconds a counter ends that begins with this step. */
  readonly ttlMs: number | undefined;
}

/**
 * Where a step of `by` from `value` ends. A counter that stands beyond a bound may come back: only
 * a step that goes further out is held.
 *
 * @returns `'bound'` where it would cross one, `'overflow'` where it would leave the 64-bit range.
 */
export function step(
  value: Int64,
  by: Int64,
  { min, max, saturate }: Bounds,
): { value: Int64; applied: Int64 } | 'bound' | 'overflow' {
  const bound = by > 0 ? max : by < 0 ? min : undefined;
  const end = add(value, by);
  if (bound === undefined || (end !== undefined && (by > 0 ? end <= bound : end >= bound))) {
    return end === undefined ? 'overflow' : { value: end, applied: by };
  }
  if (!saturate) return 'bound';
  const isBeyond = by > 0 ? value >= bound : value <= bound;
  return isBeyond ? { value, applied: 0 } : { value: bound, applied: subtract(bound, value) as Int64 };
}
