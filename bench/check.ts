import { median } from './statistics.js';

/** How much more of the processor a request may take than the baseline says, before it counts as slower. */
export const MARGIN = 0.15;

/** In how many trials what looks slower has to look slower again. */
const REPEATED_TRIALS = 5;

/** Server CPU for each request, as a ratio to the floor of the same run; by name of what is asked. */
export type Ratios = Readonly<Record<string, number>>;

/** Measures what is asked for, in turns with the floor: for each name the ratio of every pair of trials. */
export type Measure = (names: readonly string[], trials: number) => Promise<ReadonlyMap<string, readonly number[]>>;

export interface Verdict {
  readonly name: string;
  readonly ratio: number;
  /** Undefined where none is stored. */
  readonly baseline: number | undefined;
  readonly isWithin: boolean;
  /** It looked slower at first. */
  readonly isRepeated: boolean;
}

/** Whether the ratios of the trials, by their median, are within the margin. No more than the limit is within. */
export function judge(name: string, ratios: readonly number[], baseline: number | undefined, isRepeated = false): Verdict {
  const ratio = median(ratios);
  return { name, ratio, baseline, isWithin: baseline !== undefined && ratio <= limit(baseline), isRepeated };
}

/** Compares with the baseline. What looks slower is measured again, with more trials, and those alone count. */
export async function check(names: readonly string[], baseline: Ratios, trials: number, measure: Measure): Promise<Verdict[]> {
  const judged = (measured: ReadonlyMap<string, readonly number[]>, isRepeated: boolean) =>
    [...measured].map(([name, ratios]) => judge(name, ratios, baseline[name], isRepeated));
  const first = judged(await measure(names, trials), false);
  const slower = first.filter(({ isWithin, baseline }) => !isWithin && baseline !== undefined).map(({ name }) => name);
  if (slower.length === 0) return first;
  const again = judged(await measure(slower, Math.max(trials, REPEATED_TRIALS)), true);
  return first.map((verdict) => again.find(({ name }) => name === verdict.name) ?? verdict);
}

/** Verdicts in the Test Anything Protocol, version 14: to be read by people, and counted by programs. */
export function tap(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ name, ratio, baseline, isWithin, isRepeated }, i) => {
    const against =
      baseline === undefined ? 'no baseline' : `baseline ${baseline.toFixed(2)}, at most ${limit(baseline).toFixed(2)}`;
    const outcome = `${isWithin ? 'ok' : 'not ok'} ${i + 1} - ${name}`;
    return `${outcome}: server CPU ${ratio.toFixed(2)} times the floor's, ${against}${isRepeated ? ', in a repeat' : ''}`;
  });
  return ['TAP version 14', `1..${verdicts.length}`, ...lines, ''].join('\n');
}

function limit(baseline: number): number {
  return baseline * (1 + MARGIN);
}
