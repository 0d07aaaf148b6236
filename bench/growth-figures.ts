import type { GrowthRow, Steady } from './growth.js';
import { type FigureGroup, figure, type SingleFigure } from './results.js';

export const GROWTH_TITLE = 'Growth';

/** A group of figures for each size; what is to be reached stands with the most counters. */
export function growthGroups(rows: readonly GrowthRow[]): FigureGroup[] {
  return rows.map((row, i) => ({ title: title(row), figures: figures(row, i === 0, i === rows.length - 1) }));
}

function title({ counters }: GrowthRow): string {
  return `${GROWTH_TITLE}: ${counters.toLocaleString('en-US')} counters`;
}

function figures({ growing, steady, ...row }: GrowthRow, isFewest: boolean, isMost: boolean): SingleFigure[] {
  const toReach = (text: string) => (isMost ? text : null);
  const under = (quantity: keyof Steady) => steady.map((trial) => trial[quantity]);
  const failed = under('failed').reduce((sum, count) => sum + count, 0);
  const all = [
    figure('made a second, in batches of 1000', growing.countersPerS, 'counters/s'),
    figure('longest pause of the serving thread meanwhile', growing.longestPauseMs, 'ms', toReach('at most 50')),
    figure('longest drain meanwhile', growing.longestDrainMs, 'ms'),
    figure('POST /increment on random ones, 100 connections', under('requestsPerS'), 'requests/s'),
    figure(PART_OF_FEWEST, row.throughputRatios, 'x', toReach('at least 0.8')),
    figure('server CPU for each request', under('cpuMicrosPerRequest'), 'us'),
    figure('p50', under('p50'), 'ms'),
    figure('p99', under('p99'), 'ms'),
    figure('p99.9', under('p999'), 'ms'),
    figure('failed', failed, 'requests'),
    figure('longest pause of the serving thread under this load', under('longestPauseMs'), 'ms'),
    figure('longest drain under this load', under('longestDrainMs'), 'ms'),
    figure(BYTES_EACH, row.bytesPerCounter, 'bytes', toReach('at most 180')),
    figure('the whole process after they were made', row.servingBytes / 1e6, 'MB'),
    figure('loaded at the next start in', row.loadSeconds, 's', toReach('at most 15')),
    figure('the file', row.fileBytes / 1e6, 'MB'),
  ];
  return isFewest ? all.filter(({ name }) => name !== PART_OF_FEWEST && name !== BYTES_EACH) : all;
}

/** Says nothing of the fewest: they are what it is compared with. */
const PART_OF_FEWEST = 'the same as a part of that with the fewest counters';

/** Says nothing of the fewest: it would be the process itself. */
const BYTES_EACH = 'process memory for each counter, once loaded';
