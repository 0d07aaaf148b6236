import type { Figures, Load } from './load.js';
import { median, spread } from './statistics.js';
import type { Subject } from './subject.js';

/** A row: what is driven, how it is started, and by what. */
export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<Subject>;
  readonly load: Load;
  /** The program that has to be installed, if it is not the project's own. */
  readonly missing?: string | undefined;
}

export interface Comparison {
  readonly title: string;
  /** What is counted: `requests`, where nothing is said. */
  readonly unit?: string;
  readonly contestants: readonly Contestant[];
  readonly connections: number;
  readonly trials: number;
  readonly seconds: number;
  /** What a trial is, where it is no number of seconds. */
  readonly length?: string;
}

interface Trial extends Figures {
  readonly cpuMicros: number;
}

const WARM_UP_S = 1;

/**
 * Drives the contestants in turns, each trial on a fresh process, and prints a table. The first
 * one that can run is the base: the others' ratios are to it, trial by trial, so that a machine
 * that gets slower half-way through slows both sides of a ratio.
 *
 * @returns the median of requests a second of each that could run, in their order.
 */
export async function compare({
  title,
  unit = 'requests',
  contestants,
  connections,
  trials,
  seconds,
  length = `${seconds} s`,
}: Comparison): Promise<number[]> {
  const results = new Map<Contestant, Trial[]>(contestants.map((contestant) => [contestant, []]));
  for (let i = 0; i < trials; i++) {
    for (const [contestant, all] of results) {
      if (contestant.missing === undefined) all.push(await trial(contestant, connections, seconds));
    }
  }
  const base = [...results.values()].find((all) => all.length > 0) ?? [];
  console.log(
    `\n${title}: ${connections} connections, median of ${trials} trials of ${length} (min-max), x: ratio to the first row\n`,
  );
  console.log(`| | ${unit}/s | p50 ms | p99 ms | p99.9 ms | server CPU us for each | failed |`);
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [{ name, missing }, all] of results) {
    console.log(missing === undefined ? row(name, all, base) : `| ${name} | ${missing} is not installed | | | | | |`);
  }
  const measured = [...results.values()].filter((all) => all.length > 0);
  return measured.map((all) => median(all.map(({ requests, seconds }) => requests / seconds)));
}

async function trial({ start, load }: Contestant, connections: number, seconds: number): Promise<Trial> {
  const subject = await start();
  try {
    await load(subject.port, connections, Math.min(WARM_UP_S, seconds));
    const before = subject.cpuMicros();
    const figures = await load(subject.port, connections, seconds);
    return { ...figures, cpuMicros: (subject.cpuMicros() - before) / figures.requests };
  } finally {
    await subject.stop();
  }
}

function row(name: string, trials: readonly Trial[], base: readonly Trial[]): string {
  const cell = (of: (trial: Trial) => number, digits: number) => {
    const values = trials.map(of);
    const ratio = median(values.map((value, i) => value / of(base[i] as Trial)));
    return Number.isNaN(values[0]) ? '-' : `${median(values).toFixed(digits)} ${spread(values, digits)} x${ratio.toFixed(2)}`;
  };
  const failed = trials.reduce((sum, trial) => sum + trial.failed, 0);
  const cells = [
    cell(({ requests, seconds }) => requests / seconds, 0),
    cell(({ p50 }) => p50, 2),
    cell(({ p99 }) => p99, 2),
    cell(({ p999 }) => p999, 2),
    cell(({ cpuMicros }) => cpuMicros, 2),
  ];
  return `| ${[name, ...cells, failed].join(' | ')} |`;
}
