import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from './load.js';
import type { Machine } from './machine.js';
import { markdown } from './report.js';

/** One trial, as it is stored. What can't be measured here is null. */
export interface Trial extends Figures {
  /** Processor time of the server for each request, in microseconds. */
  readonly cpuMicros: number | null;
  /** Cores that the server kept busy. */
  readonly serverCores: number | null;
  /** Cores that the load generator kept busy. */
  readonly generatorCores: number | null;
  /** Cores that were kept busy by what has nothing to do with the trial. */
  readonly otherCores: number | null;
}

/** A figure that was published for a load, by other people for another server on another machine. */
export interface Published {
  readonly what: string;
  readonly perS: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly failed: number | null;
}

export interface RowResult {
  readonly name: string;
  readonly command: string;
  readonly durability: string;
  readonly generatorThreads: number;
  /** Why it did not run, where it did not. */
  readonly missing: string | null;
  readonly trials: readonly Trial[];
}

export interface TableResult {
  readonly title: string;
  readonly what: string;
  /** What is counted. */
  readonly unit: string;
  readonly connections: number;
  readonly seconds: number;
  readonly published: Published | null;
  readonly rows: readonly RowResult[];
}

/** A figure that is no row of a table. */
export interface SingleFigure {
  readonly name: string;
  /** One of each trial. */
  readonly values: readonly number[];
  readonly unit: string;
  /** What it should be, where that was said before it was measured. */
  readonly toReach: string | null;
}

/** @param toReach what it should be, where that was said before it was measured. */
export function figure(
  name: string,
  values: number | readonly number[],
  unit: string,
  toReach: string | null = null,
): SingleFigure {
  return { name, values: typeof values === 'number' ? [values] : values, unit, toReach };
}

export interface FigureGroup {
  readonly title: string;
  readonly figures: readonly SingleFigure[];
}

/** A run of the benchmark, as it is stored: every trial's figures. */
export interface Results {
  readonly format: 2;
  /** ISO 8601. */
  readonly date: string;
  readonly version: string;
  /** Null where it runs from a package. */
  readonly commit: string | null;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly machine: Machine;
  readonly tables: readonly TableResult[];
  readonly groups: readonly FigureGroup[];
}

/** Writes them as JSON, and as Markdown to be read. Returns the path without its ending. */
export function save(results: Results, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${results.date.slice(0, 10)}-${results.commit ?? results.version}`);
  writeFileSync(`${path}.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(`${path}.md`, markdown(results));
  return path;
}

/** The short commit of the checkout, with `-dirty` where there is more than that; null where there is none. */
export function currentCommit(root: string): string | null {
  const git = (...argv: string[]) =>
    execFileSync('git', argv, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // A package may be installed inside somebody else's checkout.
    if (git('ls-files', 'bench/run.ts') === '') return null;
    const isDirty = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isDirty ? '-dirty' : ''}`;
  } catch {
    return null;
  }
}
