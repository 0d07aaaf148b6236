import { fileURLToPath } from 'node:url';
import { VERSION } from '#dist/version.js';
import { compare, type Effort } from './comparison.js';
import { type FigureSizes, measurements } from './figures.js';
import { thisMachine } from './machine.js';
import { currentCommit, type FigureGroup, type Results, type TableResult } from './results.js';
import { type Sizes, tables } from './tables.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a run is asked for. */
export interface SessionOptions extends Effort, Sizes, FigureSizes {
  /** Leaves out the tables that are marked as extra. */
  readonly quick: boolean;
  /** What the title of a table or of a group of figures has to have in it, in any case; empty for all. */
  readonly only: string;
}

/** Runs the tables, then the figures. */
export async function session(options: SessionOptions, progress: (what: string) => void): Promise<Results> {
  const machine = thisMachine();
  const date = new Date().toISOString();
  const isAsked = ({ title }: { title: string }) => title.toLowerCase().includes(options.only.toLowerCase());
  const results: TableResult[] = [];
  const groups: FigureGroup[] = [];
  for (const table of tables(options).filter(isAsked)) {
    if (options.quick && table.isExtra) continue;
    const result = await compare(table, options, progress);
    results.push(result);
    const figures = (table.figures?.(result.rows) ?? []).filter(({ values }) => values.length > 0);
    if (figures.length > 0) groups.push({ title: table.title, figures });
  }
  for (const { isExtra, measure } of measurements(options).filter(isAsked)) {
    if (options.quick && isExtra) continue;
    groups.push(...(await measure(options.trials, progress)));
  }
  const { only, growth, ...sizes } = options;
  const given = only === '' ? sizes : { ...sizes, only };
  return { format: 2, date, version: VERSION, commit: currentCommit(ROOT), options: given, machine, tables: results, groups };
}
