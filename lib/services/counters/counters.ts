import { add, type Int64 } from '../../engine/int64.js';
import { Registry } from '../../engine/registry.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { CLEAN, type Dirtyable, type WriteQueue } from '../../engine/write-queue.js';
import { Problem } from '../../http/problem.js';
import type { Columns } from '../../store/store.js';
import type { Table } from '../../store/table.js';

export const NUMBERS: Table = {
  name: 'numbers',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'value', type: 'integer', default: 0 },
  ],
  key: 'key',
};

/** A key and its value. There may be tens of millions: every field here costs eight bytes each. */
class Counter implements Dirtyable {
  readonly key: string;
  value: Int64;
  dirtyIn = CLEAN;

  constructor(key: string, value: Int64) {
    this.key = key;
    this.value = value;
  }
}

/** What an increment came to. */
export interface Counted {
  readonly key: string;
  readonly value: Int64;
  readonly seq: number;
}

/** The counters: in memory all of them, and written behind. */
export class Counters {
  readonly #registry: Registry<Counter>;
  readonly #writes: WriteBehind;
  readonly #queue: WriteQueue<Counter>;

  /** @param limit how many counters it takes at the most. */
  constructor(writes: WriteBehind, limit: number) {
    this.#registry = new Registry(limit);
    this.#writes = writes;
    this.#queue = writes.queue({ table: NUMBERS, change: (counter: Counter) => [counter.key, counter.value] });
  }

  get size(): number {
    return this.#registry.size;
  }

  /** Takes in rows of NUMBERS as the store has them. Returns why that is impossible, if it is. */
  load({ length, columns }: Columns): string | undefined {
    const [keys, values] = columns as [string[], Int64[]];
    for (let i = 0; i < length; i++) {
      const key = keys[i] as string;
      if (this.#registry.get(key) !== undefined) return `two rows of ${NUMBERS.name} have a key that reads as ${key}`;
      if (this.#registry.add(new Counter(key, values[i] as Int64))) continue;
      return `${NUMBERS.name} has more than the ${this.#registry.limit} rows that fit: raise --max-counters, and Node's heap with it`;
    }
    return undefined;
  }

  value(key: string): Int64 | undefined {
    return this.#registry.get(key)?.value;
  }

  /** Adds `by` to a counter, a new one where the key is new; or changes nothing and says why. O(1). */
  increment(key: string, by: Int64): Counted | Problem {
    const counter = this.#registry.get(key);
    if (counter === undefined) return this.#create(key, by);
    const value = add(counter.value, by);
    if (value === undefined) {
      return new Problem('overflow', `${key} is ${counter.value}, and ${by} more is outside the signed 64-bit range`);
    }
    if (!this.#queue.admit(counter)) return this.#queueFull();
    counter.value = value;
    return { key: counter.key, value, seq: this.#writes.stamp() };
  }

  #create(key: string, value: Int64): Counted | Problem {
    if (this.#queue.count === this.#queue.capacity) return this.#queueFull();
    // The key may be a slice of the request's body: a copy lets go of the rest.
    const counter = new Counter(Buffer.from(key).toString(), value);
    if (!this.#registry.add(counter)) return new Problem('registry-full', `${this.#registry.size} counters are in memory`);
    this.#queue.admit(counter);
    return { key: counter.key, value, seq: this.#writes.stamp() };
  }

  #queueFull(): Problem {
    return new Problem('queue-full', `${this.#queue.capacity} counters wait to be written`);
  }
}
