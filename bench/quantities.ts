import type { Trial } from './results.js';
import { median } from './statistics.js';

/** Something that was measured in each trial; null where it could not be. */
export type Quantity = (trial: Trial) => number | null;

export const PER_S: Quantity = ({ requests, seconds }) => requests / seconds;
export const CPU: Quantity = ({ cpuMicros }) => cpuMicros;
export const P99: Quantity = ({ p99 }) => p99;

/** The median of those trials where it is known; NaN where it is of none. */
export function medianOf(trials: readonly Trial[], quantity: Quantity): number {
  return median(trials.map(quantity).filter((value) => value !== null));
}

/** The median of the ratios trial by trial: what slows the machine slows both of a pair. NaN where there is no pair. */
export function medianRatio(trials: readonly Trial[], base: readonly Trial[], quantity: Quantity): number {
  const ratios = trials.flatMap((trial, i) => {
    const [value, reference] = [quantity(trial), base[i] === undefined ? null : quantity(base[i])];
    return value === null || reference === null || reference === 0 ? [] : [value / reference];
  });
  return median(ratios);
}
