import { type GrowthRow, growth, TARGETS } from './growth.js';
import { type FigureGroup, figure } from './results.js';

/** The sizes, the fewest first, and the load on each. */
export interface GrowthOptions {
  readonly sizes: readonly number[];
  readonly seconds: number;
  readonly trials: number;
}

/** A group of figures for each size; what is to be reached stands with the most counters. */
export async function growthFigures(options: GrowthOptions): Promise<FigureGroup[]> {
  const rows = await growth(options);
  return rows.map((row, i) => ({ title: title(row.counters), figures: figures(row, i === 0, i === rows.length - 1) }));
}

export const GROWTH_TITLE = 'Growth';

function title(counters: number): string {
  return `${GROWTH_TITLE}: ${counters.toLocaleString('en-US')} counters`;
}

function figures({ growing, steady, ...row }: GrowthRow, isFirst: boolean, isLast: boolean) {
  const target = (text: string) => (isLast ? text : null);
  return [
    figure('made a second, in batches of 1000', growing.countersPerS, 'counters/s'),
    figure(
      'longest pause of the serving thread meanwhile',
      growing.longestPauseMs,
      'ms',
      target(`at most ${TARGETS.growingPauseMsMax}`),
    ),
    figure('longest drain meanwhile', growing.longestDrainMs, 'ms'),
    figure('POST /increment on random ones, 100 connections', steady.requestsPerS, 'requests/s'),
    ...(isFirst
      ? []
      : [
          figure(
            'the same as a part of that with the fewest counters',
            steady.throughputRatio,
            'x',
            target(`at least ${TARGETS.throughputRatioMin}`),
          ),
        ]),
    figure('server CPU for each request', steady.cpuMicrosPerRequest, 'us'),
    figure('p50', steady.p50, 'ms'),
    figure('p99', steady.p99, 'ms'),
    figure('p99.9', steady.p999, 'ms'),
    figure('failed', steady.failed, 'requests'),
    figure('longest pause of the serving thread under this load', steady.longestPauseMs, 'ms'),
    figure('longest drain under this load', steady.longestDrainMs, 'ms'),
    // Of few counters it would be the process itself.
    ...(isFirst
      ? []
      : [
          figure(
            'process memory for each counter, once loaded',
            row.bytesPerCounter,
            'bytes',
            target(`at most ${TARGETS.bytesPerCounterMax}`),
          ),
        ]),
    figure('the whole process after they were made', row.servingBytes / 1e6, 'MB'),
    figure('loaded at the next start in', row.loadSeconds, 's', target(`at most ${TARGETS.loadSecondsMax}`)),
    figure('the file', row.fileBytes / 1e6, 'MB'),
  ];
}
