import type { Load } from './load.js';
import type { Published, RowResult, SingleFigure, TableResult, Trial } from './results.js';
import { type Contestant, trial } from './trial.js';

/** A row: what is driven, how it is started, and by what. */
export interface Row extends Contestant {
  readonly name: string;
  /** What a reply stands for. */
  readonly durability: string;
  readonly load: Load;
  /** What has to be installed and is not, if it is not the project's own. */
  readonly missing?: string | undefined;
}

/** Rows that are driven in turns. The first that can run is the base of the ratios. */
export interface Table {
  readonly title: string;
  /** What is measured, and how to read it. */
  readonly what: string;
  /** What is counted: requests, where nothing is said. */
  readonly unit?: string;
  readonly connections: number;
  readonly published?: Published;
  readonly rows: readonly Row[];
  /** Left out of a quick run. */
  readonly isExtra?: boolean;
  /** Figures that follow from its rows; NaN, and left out, where one of those did not run. */
  readonly figures?: (rows: readonly RowResult[]) => readonly SingleFigure[];
}

export interface Effort {
  readonly trials: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/**
 * Drives the rows in turns, each trial on fresh processes: A B A B, so that a machine that gets
 * slower half-way through slows both sides of a ratio.
 */
export async function compare(table: Table, effort: Effort, progress: (what: string) => void): Promise<TableResult> {
  const { title, what, unit = 'requests', connections, published = null } = table;
  const measured = new Map<Row, Trial[]>(table.rows.map((row) => [row, []]));
  for (let i = 1; i <= effort.trials; i++) {
    for (const [row, all] of measured) {
      if (missingOf(row) !== undefined) continue;
      progress(`${title}: ${row.name}, trial ${i} of ${effort.trials}`);
      all.push(await trial(row, { ...effort, connections }));
    }
  }
  const rows = [...measured].map(
    ([row, trials]): RowResult => ({
      name: row.name,
      command: row.load.command(connections, effort.seconds),
      durability: row.durability,
      generatorThreads: Math.min(row.load.threads, connections),
      missing: missingOf(row) ?? null,
      trials,
    }),
  );
  return { title, what, unit, connections, seconds: effort.seconds, published, rows };
}

function missingOf({ missing, load }: Row): string | undefined {
  return missing ?? load.missing;
}
