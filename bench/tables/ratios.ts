import { figure, type RowResult, type SingleFigure, type Trial } from '../results.js';
import { median } from '../statistics.js';

type Of = (trial: Trial) => number;

const PER_S: Of = ({ requests, seconds }) => requests / seconds;
const CPU: Of = ({ cpuMicros }) => cpuMicros ?? Number.NaN;
const P99: Of = ({ p99 }) => p99 ?? Number.NaN;

/** The median of a row's requests a second. NaN of a row that did not run, as the others. */
export function perS(row: RowResult | undefined): number {
  return median(row?.trials.map(PER_S) ?? []);
}

/** @param toReach what the ratio should be. */
export function cpuRatio(name: string, row: RowResult | undefined, base: RowResult | undefined, toReach: string): SingleFigure {
  return figure(name, ratio(row, base, CPU), 'times', toReach);
}

export function rateRatio(name: string, row: RowResult | undefined, base: RowResult | undefined, toReach: string): SingleFigure {
  return figure(name, ratio(row, base, PER_S), 'times', toReach);
}

export function p99Ratio(name: string, row: RowResult | undefined, base: RowResult | undefined, toReach: string): SingleFigure {
  return figure(name, ratio(row, base, P99), 'times', toReach);
}

/** The median of the ratios trial by trial, as the tables have it. */
function ratio(row: RowResult | undefined, base: RowResult | undefined, of: Of): number {
  const others = base?.trials ?? [];
  return median((row?.trials ?? []).flatMap((trial, i) => (others[i] === undefined ? [] : [of(trial) / of(others[i])])));
}
