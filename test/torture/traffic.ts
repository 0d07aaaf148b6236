import type { Action, Batch, Item } from './action.js';
import type { Image } from './image.js';
import type { Random } from './random.js';

const BY_MAX = 1_000_000_000;
const KEYS_PER_STYLE = 3;
const SOURCES = ['s0', 's1', 's2', 's3', 's4'];

function keysNamed(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${i}`);
}

/** Only increments: some keys of one style each, one of ones only, and one shared by all styles. */
export function sumKeysOf(style: string): string[] {
  return [...keysNamed(style, KEYS_PER_STYLE), `${style}-ones`, 'shared'];
}

/** Increments with and without bounds, settings and deletions. */
const CELLS = keysNamed('cell', 4);
/** Increments with and without a time to their end, and deletions. */
const WINDOWS = keysNamed('window', 3);
/** Only reports; and reports and deletions. */
const REPORTED = keysNamed('reported', 2);
const REPORTED_AND_DELETED = keysNamed('reported-deleted', 2);
/** Only in batches whose increments add up to zero. */
const TRANSFERS = keysNamed('transfer', 5);
/** Anything but an end. */
const MIXED = keysNamed('mixed', 2);

/** All keys but those of the styles. */
export const KEYS: readonly string[] = [
  'shared',
  ...CELLS,
  ...WINDOWS,
  ...REPORTED,
  ...REPORTED_AND_DELETED,
  ...TRANSFERS,
  ...MIXED,
];

/** Longer would outlive a torture's file, and the server takes no less. */
const TTL_S = 1;
const BOUND = 20;
const TOTAL_STEP_MAX = 1_000;

/** Clients' actions at random, of each kind on keys of their own, so that what they came to can be told. */
export class Traffic {
  readonly #random: Random;
  /** What counters were last heard to be. */
  readonly #values = new Map<string, number>();
  /** Everything that the sources of a counter have ever come to, by the counter's key and the source. */
  readonly #totals = new Map<string, number[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A counter was heard to have a value. */
  learn(key: string, value: number): void {
    this.#values.set(key, value);
  }

  next(style: string): Action {
    const dice = this.#random.fraction();
    if (dice < 0.45) return this.#sum(style);
    if (dice < 0.57) return this.#cell(this.#random.pick(CELLS));
    if (dice < 0.67) return this.#window(this.#random.pick(WINDOWS));
    if (dice < 0.75) return this.#report(this.#random.pick(REPORTED));
    if (dice < 0.82) return this.#reportOrDelete(this.#random.pick(REPORTED_AND_DELETED));
    if (dice < 0.94) return this.#transfer();
    return this.#mixed();
  }

  #by(max = BY_MAX): number {
    return this.#random.between(-max, max);
  }

  #sum(style: string): Action {
    const key = this.#random.pick(sumKeysOf(style));
    return { type: 'increment', key, by: key.endsWith('-ones') ? 1 : this.#by() };
  }

  /** Small steps near small bounds, so that they are met. */
  #cell(key: string): Action {
    const random = this.#random;
    const by = this.#by(BOUND);
    switch (random.pick(['plain', 'bounded', 'saturating', 'set', 'compare', 'delete'])) {
      case 'plain':
        return { type: 'increment', key, by };
      case 'bounded':
        return { type: 'increment', key, by, min: -BOUND, max: BOUND };
      case 'saturating':
        return { type: 'increment', key, by, min: -BOUND, max: BOUND, saturate: true };
      case 'set':
        return { type: 'set', key, value: by };
      case 'compare':
        return { type: 'set', key, value: by, ifValue: random.chance(0.8) ? (this.#values.get(key) ?? 0) : by };
      default:
        return { type: 'delete', key };
    }
  }

  /** What begins without an end has none until it is deleted: that is rare. */
  #window(key: string): Action {
    const random = this.#random;
    const by = random.between(1, 1_000);
    if (random.chance(0.6)) return { type: 'increment', key, by, ttl: TTL_S };
    if (random.chance(0.6)) return { type: 'increment', key, by: 1, ttl: TTL_S, min: 0, max: 2_000, saturate: true };
    if (random.chance(0.6)) return { type: 'delete', key };
    return random.chance(0.2)
      ? { type: 'increment', key, by }
      : { type: 'set', key, value: by, ifValue: this.#values.get(key) ?? 1 };
  }

  #report(key: string): Action {
    const source = this.#random.pick(SOURCES);
    const total = this.#total(`${key} ${source} up`);
    return {
      type: 'report',
      key,
      source,
      total,
      decrements: this.#random.chance(0.3) ? this.#total(`${key} ${source} down`) : 0,
    };
  }

  /** One that a source has just come to; or one of before, as reports come late and more than once. */
  #total(name: string): number {
    const totals = this.#totals.get(name) ?? [0];
    this.#totals.set(name, totals);
    if (this.#random.chance(0.6)) totals.push((totals.at(-1) as number) + this.#random.between(1, TOTAL_STEP_MAX));
    const back = this.#random.chance(0.6) ? 1 : this.#random.between(1, Math.min(10, totals.length));
    return totals.at(-back) as number;
  }

  #reportOrDelete(key: string): Action {
    return this.#random.chance(0.15) ? { type: 'delete', key } : this.#report(key);
  }

  /** Two to five increments that add up to zero, of the same counter more than once perhaps. */
  #transfer(): Batch {
    const items: Item[] = [];
    let rest = 0;
    for (let left = this.#random.between(1, 4); left > 0; left--) {
      const by = this.#by();
      items.push({ key: this.#random.pick(TRANSFERS), by });
      rest -= by;
    }
    return { type: 'batch', items: [...items, { key: this.#random.pick(TRANSFERS), by: rest }] };
  }

  #mixed(): Action {
    const key = this.#random.pick(MIXED);
    if (this.#random.chance(0.4)) return { type: 'batch', items: MIXED.map((each) => ({ key: each, by: this.#by(BOUND) })) };
    return this.#random.chance(0.4) ? this.#report(key) : this.#cell(key);
  }
}

/** What is wrong with an image whatever was written. */
export function faultsOf({ counters }: Image): string[] {
  const faults: string[] = [];
  const sum = TRANSFERS.reduce((each, key) => each + (counters.get(key)?.value ?? 0), 0);
  if (sum !== 0) faults.push(`the batches add up to zero, and their counters to ${sum}`);
  for (const key of [...REPORTED, ...REPORTED_AND_DELETED]) {
    const counter = counters.get(key);
    if (counter === undefined) continue;
    const totals = [...counter.sources.values()].reduce((each, { total, decrements }) => each + total - decrements, 0);
    if (counter.value !== totals) faults.push(`${key} is ${counter.value}, and its sources come to ${totals}`);
    if (counter.sources.size === 0) faults.push(`${key} is there without a source`);
  }
  return faults;
}
