import type { RowResult, Trial } from './results.js';

/** Something that was measured in each trial; null where it could not be. */
export type Quantity = (trial: Trial) => number | null;

export const PER_S: Quantity = ({ requests, seconds }) => requests / seconds;
export const CPU: Quantity = ({ cpuMicros }) => cpuMicros;
export const P50: Quantity = ({ p50 }) => p50;
export const P99: Quantity = ({ p99 }) => p99;
export const P999: Quantity = ({ p999 }) => p999;

type Trials = Pick<RowResult, 'trials'> | undefined;

/** The quantity in each of a row's trials where it is known. */
export function valuesOf(row: Trials, quantity: Quantity): number[] {
  return (row?.trials ?? []).map(quantity).filter((value) => value !== null);
}

/** A row's quantity as a ratio to another row's, trial by trial: what slows the machine slows both. */
export function ratios(row: Trials, base: Trials, quantity: Quantity): number[] {
  return (row?.trials ?? []).flatMap((trial, i) => {
    const [value, reference] = [trial, base?.trials[i]].map((each) => (each === undefined ? null : quantity(each)));
    return typeof value !== 'number' || !reference ? [] : [value / reference];
  });
}
