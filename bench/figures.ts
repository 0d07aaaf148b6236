import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type GrowthOptions, growth } from './growth.js';
import { GROWTH_TITLE, growthGroups } from './growth-figures.js';
import { missingProgram } from './load.js';
import { outputOf } from './program.js';
import { type FigureGroup, figure, type SingleFigure } from './results.js';

/** Figures that are measured on their own, without a load. */
export interface Measurement {
  readonly title: string;
  /** Left out of a quick run. */
  readonly isExtra?: boolean;
  /** One group or more, with this title or titles that begin with it. */
  readonly measure: (trials: number, progress: (what: string) => void) => Promise<readonly FigureGroup[]>;
}

/** What a pause of the serving thread should be. */
const AT_MOST_10 = 'at most 10';

/** How much each of them looks at. */
export interface FigureSizes {
  readonly dirty: number;
  readonly counters: number;
  readonly users: number;
  readonly growth: Omit<GrowthOptions, 'trials'>;
}

/** All of them, in the order in which they run. */
export function measurements({ dirty, counters, users, growth }: FigureSizes): Measurement[] {
  return [
    group(`A tick over ${users} users`, () => tick(users)),
    group(`A drain of ${dirty} dirty counters`, () => drain(dirty)),
    group(`Looking at ${counters} counters`, () => lists(counters)),
    group(`Loading ${counters} counters`, () => load(counters)),
    { title: GROWTH_TITLE, isExtra: true, measure: (trials, progress) => grown({ ...growth, trials }, progress) },
  ];
}

/** Measures the same figures, in the same order, again and again. */
function group(title: string, measure: () => Promise<readonly SingleFigure[]>): Measurement {
  return {
    title,
    measure: async (trials, progress) => {
      const measured: (readonly SingleFigure[])[] = [];
      for (let i = 1; i <= trials; i++) {
        progress(`${title}, trial ${i} of ${trials}`);
        measured.push(await measure());
      }
      const figures = (measured[0] ?? []).map((first, i) => ({
        ...first,
        values: measured.flatMap((all) => all[i]?.values ?? []),
      }));
      return [{ title, figures }];
    },
  };
}

async function grown(options: GrowthOptions, progress: (what: string) => void): Promise<readonly FigureGroup[]> {
  const missing = missingProgram('wrk');
  return missing === undefined ? growthGroups(await growth(options, progress)) : [];
}

async function tick(users: number): Promise<SingleFigure[]> {
  const { drawMs, writeMs, longestMs, idleLongestMs } = await outputOf('tick', users);
  return [
    figure('to draw', drawMs, 'ms'),
    figure('to write', writeMs, 'ms'),
    figure('longest pause of the serving thread', longestMs, 'ms', AT_MOST_10),
    figure('longest pause where nothing runs', idleLongestMs, 'ms'),
  ];
}

async function drain(dirty: number): Promise<SingleFigure[]> {
  const { drainMs, longestMs, idleLongestMs } = await outputOf('drain', dirty);
  return [
    figure('the drain', drainMs, 'ms'),
    figure('longest pause of the serving thread', longestMs, 'ms', AT_MOST_10),
    figure('longest pause where nothing runs', idleLongestMs, 'ms'),
  ];
}

async function lists(counters: number): Promise<SingleFigure[]> {
  const all = await outputOf('lists', counters);
  return all.flatMap(({ what, ms, longestMs }) => [
    figure(what, ms, 'ms'),
    figure(`${what}: longest pause of the serving thread`, longestMs, 'ms', AT_MOST_10),
  ]);
}

/** Makes a file of counters and has a fresh process load it. */
async function load(counters: number): Promise<SingleFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const file = join(folder, 'numbers.db');
  const database = new Database(file);
  database.exec('CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)');
  const rows = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${counters - 1})`;
  database.exec(`${rows} INSERT INTO numbers SELECT 'counter:' || i, i * 7919 % 1000003 FROM n`);
  database.exec('CREATE UNIQUE INDEX numbers_key_index ON numbers (key)');
  database.close();
  const { ms, bytes } = await outputOf('memory', file, counters);
  rmSync(folder, { recursive: true });
  return [
    figure('loaded in', ms / 1_000, 's'),
    figure('rows a second', counters / (ms / 1_000), 'rows/s', 'at least 700,000'),
    figure('process memory for each counter', bytes / counters, 'bytes', 'at most 200'),
  ];
}
