import { median } from './statistics.js';

/** How much more of the processor a request may take than the baseline says, before it counts as slower. */
export const MARGIN = 0.15;

/** In how many trials what looks slower has to look slower again. */
const REPEATED_TRIALS = 5;

/** With so many cores kept busy by others, what a request costs says more about them than about the server. */
export const DISTURBED_CORES = 0.5;

/** Server CPU for each request, as a ratio to the floor of the same run; by name of what is asked. */
export type Ratios = Readonly<Record<string, number>>;

/** A trial of the server and one of the floor, one after the other: microseconds for each request. */
export interface Pair {
  readonly own: number;
  readonly floor: number;
  /** Cores that were kept busy by what has nothing to do with them. */
  readonly otherCores: number;
}

/** Measures what is asked for, in turns with the floor: so many pairs for each name. */
export type Measure = (names: readonly string[], trials: number) => Promise<ReadonlyMap<string, readonly Pair[]>>;

export interface Verdict {
  readonly name: string;
  /** The median of the ratios pair by pair. */
  readonly ratio: number;
  /** The ratio of the cheapest trials of both: what disturbs a trial makes it dearer, never cheaper. */
  readonly best: number;
  /** Undefined where none is stored. */
  readonly baseline: number | undefined;
  readonly outcome: 'within' | 'slower' | 'disturbed' | 'no baseline';
  /** It looked slower at first. */
  readonly isRepeated: boolean;
}

/** Slower is what is beyond the margin by the median and at its best, where others left the machine to it. */
export function judge(name: string, pairs: readonly Pair[], baseline: number | undefined, isRepeated = false): Verdict {
  const ratio = median(pairs.map(({ own, floor }) => own / floor));
  const best = Math.min(...pairs.map(({ own }) => own)) / Math.min(...pairs.map(({ floor }) => floor));
  const outcome = () => {
    if (baseline === undefined) return 'no baseline';
    if (ratio <= limit(baseline) || best <= limit(baseline)) return 'within';
    return median(pairs.map(({ otherCores }) => otherCores)) >= DISTURBED_CORES ? 'disturbed' : 'slower';
  };
  return { name, ratio, best, baseline, outcome: outcome(), isRepeated };
}

/** Compares with the baseline. What looks slower is measured again, with more trials, and those alone count. */
export async function check(names: readonly string[], baseline: Ratios, trials: number, measure: Measure): Promise<Verdict[]> {
  const judged = (measured: ReadonlyMap<string, readonly Pair[]>, isRepeated: boolean) =>
    [...measured].map(([name, pairs]) => judge(name, pairs, baseline[name], isRepeated));
  const first = judged(await measure(names, trials), false);
  const doubtful = first.filter(({ outcome }) => outcome === 'slower' || outcome === 'disturbed').map(({ name }) => name);
  if (doubtful.length === 0) return first;
  const again = judged(await measure(doubtful, Math.max(trials, REPEATED_TRIALS)), true);
  return first.map((verdict) => again.find(({ name }) => name === verdict.name) ?? verdict);
}

export function hasFailed({ outcome }: Verdict): boolean {
  return outcome === 'slower' || outcome === 'no baseline';
}

/** Verdicts in the Test Anything Protocol, version 14: to be read by people, and counted by programs. */
export function tap(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map((verdict, i) => {
    const { name, ratio, best, baseline, outcome, isRepeated } = verdict;
    const against = baseline === undefined ? outcome : `baseline ${baseline.toFixed(2)}, at most ${limit(baseline).toFixed(2)}`;
    const measured = `server CPU ${ratio.toFixed(2)} times the floor's, at best ${best.toFixed(2)}`;
    const skip = outcome === 'disturbed' ? ' # SKIP others kept the processor busy' : '';
    return `${hasFailed(verdict) ? 'not ok' : 'ok'} ${i + 1} - ${name}: ${measured}; ${against}${isRepeated ? ', in a repeat' : ''}${skip}`;
  });
  return ['TAP version 14', `1..${verdicts.length}`, ...lines, ''].join('\n');
}

function limit(baseline: number): number {
  return baseline * (1 + MARGIN);
}
