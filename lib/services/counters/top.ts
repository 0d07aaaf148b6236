import type { Int64 } from '../../engine/int64.js';
import type { Valued } from './counter-table.js';

/** Keeps the highest of many counters: by value, those of the same value in the order of their keys. */
export class Top {
  readonly #limit: number;
  readonly #highest: Valued[] = [];

  /** @param limit how many it keeps; at least 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The highest first. */
  get counters(): readonly Valued[] {
    return this.#highest;
  }

  /** Shows it one more. One comparison for nearly all; else O(limit). */
  add(key: string, value: Int64): void {
    const highest = this.#highest;
    const isFull = highest.length === this.#limit;
    if (isFull && !isHigher(key, value, highest[highest.length - 1] as Valued)) return;
    if (isFull) highest.pop();
    let low = 0;
    let high = highest.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isHigher(key, value, highest[middle] as Valued)) high = middle;
      else low = middle + 1;
    }
    highest.splice(low, 0, { key, value });
  }
}

function isHigher(key: string, value: Int64, other: Valued): boolean {
  return value === other.value ? key < other.key : value > other.value;
}
