import type { Int64 } from '../../engine/int64.js';
import { KeyOrder } from '../../engine/key-order.js';
import { Registry } from '../../engine/registry.js';
import { Scans } from '../../engine/scan.js';
import { Slices } from '../../engine/slices.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { CLEAN, type WriteQueue } from '../../engine/write-queue.js';
import { Problem } from '../../http/problem.js';
import type { Columns } from '../../store/store.js';
import { Deletion } from '../../store/table.js';
import type { ChangeLog } from './change-log.js';
import { Counter, NUMBERS } from './counter.js';
import { KEY_BYTES_MAX } from './key.js';
import type { Sources } from './sources.js';
import type { Windows } from './windows.js';

export interface CounterTableOptions {
  readonly writes: WriteBehind;
  /** How many counters there are at the most. */
  readonly max: number;
  readonly windows: Windows;
  readonly sources: Sources;
  readonly changes: ChangeLog;
}

/** A counter as others see it. */
export interface Valued {
  readonly key: string;
  readonly value: Int64;
}

/** What a scan is shown of a counter with an end: only who knows when the scan began knows whether it counts. */
class Ending {
  readonly value: Int64;
  readonly endMs: number;

  constructor(value: Int64, endMs: number) {
    this.value = value;
    this.endMs = endMs;
  }
}

/** What a write came to. */
export interface Counted extends Valued {
  readonly seq: number;
}

/**
 * The counters, and every place that has to hear of a change: the write queue, those who scan, the
 * log of changes. A counter that has ended counts as gone from that very millisecond; it is taken
 * out by the next write to it, or by a sweep.
 */
export class CounterTable {
  readonly #registry: Registry<Counter>;
  readonly #writes: WriteBehind;
  readonly #queue: WriteQueue<Counter>;
  readonly #windows: Windows;
  readonly #sources: Sources;
  readonly #changes: ChangeLog;
  readonly #order: KeyOrder<Counter>;
  readonly #scans: Scans<Counter, Int64 | Ending>;

  constructor({ writes, max, windows, sources, changes }: CounterTableOptions) {
    this.#registry = new Registry(max);
    this.#writes = writes;
    this.#queue = writes.queue({
      table: NUMBERS,
      change: (counter: Counter) => (counter.value === undefined ? new Deletion([counter.key]) : [counter.key, counter.value]),
      onClean: (counter: Counter) => {
        if (counter.value === undefined) this.#forget(counter);
      },
    });
    this.#windows = windows;
    this.#sources = sources;
    this.#changes = changes;
    const slices = new Slices();
    this.#order = new KeyOrder(this.#registry, slices);
    this.#scans = new Scans(this.#order, (counter) => this.#shown(counter), slices);
  }

  /** How many there are, with those that were deleted and still await the store. */
  get size(): number {
    return this.#registry.size;
  }

  /** Takes in rows of NUMBERS as the store has them. Returns why that is impossible, if it is. */
  load({ length, columns }: Columns): string | undefined {
    const [keys, values] = columns as [string[], Int64[]];
    for (let i = 0; i < length; i++) {
      const key = keys[i] as string;
      const outcome = this.#registry.load(new Counter(key, values[i] as Int64));
      if (outcome === 'added') continue;
      if (outcome === 'known') return `two rows of ${NUMBERS.name} have a key that reads as ${key}`;
      return `${NUMBERS.name} has more than the ${this.#registry.limit} rows that fit: raise --max-counters, and Node's heap with it`;
    }
    return undefined;
  }

  /** The counter of a key, one without a value included. */
  get(key: string): Counter | undefined {
    return this.#registry.get(key);
  }

  /** The same by the bytes that spell its key, if it was looked up lately; see Registry. */
  spelled(bytes: Uint8Array, start: number, end: number, hash: number): Counter | undefined {
    return this.#registry.spelled(bytes, start, end, hash);
  }

  /** The counter of a key that is about to be written: one that has ended is taken out first. O(1). */
  find(key: string): Counter | undefined | Problem {
    const counter = this.#registry.get(key);
    if (counter === undefined || this.#windows.isEmpty || !this.#windows.isOver(key)) return counter;
    if (!this.#hasRoomToEnd(counter)) return this.queueFull();
    this.#end(counter);
    return counter;
  }

  valueOf(counter: Counter): Int64 | undefined {
    return this.#windows.isEmpty || !this.#windows.isOver(counter.key) ? counter.value : undefined;
  }

  /** Why so many counters can't be changed, `added` of them new; `undefined` when they can. */
  refusal(changed: number, added: number): Problem | undefined {
    if (added > this.#registry.room) return this.#registryFull();
    if (changed > this.#queue.capacity) {
      // To try again would never help.
      return new Problem(
        'body-too-large',
        `it changes ${changed} counters, and --queue-size has room for ${this.#queue.capacity}`,
      );
    }
    return changed > this.#queue.room ? this.queueFull() : undefined;
  }

  /** Changes a counter in a write of its own. */
  change(counter: Counter, value: Int64): Counted | Problem {
    return this.prepare(counter) ? this.#write(counter, value) : this.queueFull();
  }

  /**
   * Gives a value to a counter that has none, in a write of its own. Makes it, if there is none.
   *
   * @param ttlMs in how many milliseconds it ends, if it does.
   */
  begin(known: Counter | undefined, key: string, value: Int64, ttlMs: number | undefined): Counted | Problem {
    if (ttlMs !== undefined && !this.#windows.hasRoom) return this.queueFull();
    const counter = known ?? this.add(key);
    if (counter instanceof Problem) return counter;
    if (!this.prepare(counter)) return this.queueFull();
    if (ttlMs !== undefined) this.#windows.open(counter.key, ttlMs);
    return this.#write(counter, value);
  }

  /** Adds a counter that has no value yet. */
  add(key: string): Counter | Problem {
    if (this.#queue.room === 0) return this.queueFull();
    const counter = new Counter(copyOf(key));
    this.#scans.adding(counter);
    if (!this.#registry.add(counter)) return this.#registryFull();
    this.#order.added(counter);
    return counter;
  }

  /** To be called before a counter's value is changed. Returns false when it must not be. */
  prepare(counter: Counter): boolean {
    if (!this.#queue.admit(counter)) return false;
    this.#scans.changing(counter);
    return true;
  }

  /** Numbers the write that changed these counters. */
  stamp(keys: readonly string[]): number {
    const seq = this.#writes.stamp();
    if (this.#changes.isActive) for (const key of keys) this.#changes.changed(key, seq);
    return seq;
  }

  #write(counter: Counter, value: Int64): Counted {
    counter.value = value;
    const seq = this.#writes.stamp();
    const { key } = counter;
    if (this.#changes.isActive) this.#changes.changed(key, seq);
    return { key, value, seq };
  }

  /** Deletes a counter that has a value, with its window and its sources, in a write of its own. */
  end(counter: Counter): number | Problem {
    return this.#hasRoomToEnd(counter) ? this.#end(counter) : this.queueFull();
  }

  #hasRoomToEnd({ key, dirtyIn }: Counter): boolean {
    return (dirtyIn !== CLEAN || this.#queue.room > 0) && this.#windows.hasRoom && this.#sources.hasRoomToForget(key);
  }

  #end(counter: Counter): number {
    this.prepare(counter);
    counter.value = undefined;
    this.#windows.end(counter.key);
    this.#sources.forget(counter.key);
    return this.stamp([counter.key]);
  }

  /** Takes out up to `max` counters that have ended. Where there is no room, the rest stays for the next time. */
  sweep(max: number): void {
    for (let i = 0; i < max; i++) {
      const key = this.#windows.firstOver();
      const counter = key === undefined ? undefined : this.#registry.get(key);
      if (counter === undefined || this.end(counter) instanceof Problem) return;
    }
  }

  /** A counter's deletion is on disk. */
  #forget(counter: Counter): void {
    this.#scans.changing(counter);
    this.#registry.delete(counter.key);
    this.#order.removed(counter);
  }

  /** Whether `page` can be called. */
  get isReady(): boolean {
    return this.#order.isReady;
  }

  /** Resolves when `page` can be called: about a second of work for a million counters, the first time. */
  ready(): Promise<void> {
    return this.#order.ready();
  }

  /**
   * The first counters, `limit` at the most, whose keys begin with `prefix` and come after `after`,
   * in the order of their keys. O(log n + limit), and what lies between of counters that were
   * deleted and still await the store.
   */
  page(prefix: string, after: string | undefined, limit: number): Valued[] {
    const page: Valued[] = [];
    for (let from = after; ; ) {
      const counters = this.#order.page(prefix, from, limit);
      for (const counter of counters) {
        const value = this.valueOf(counter);
        if (value !== undefined && page.length < limit) page.push({ key: counter.key, value });
      }
      if (page.length === limit || counters.length < limit) return page;
      from = counters.at(-1)?.key;
    }
  }

  /** Visits every counter whose key begins with `prefix`, with the value of this moment; see Scans. */
  scan(prefix: string, visit: (key: string, value: Int64) => void): Promise<void> {
    const { nowMs } = this.#windows;
    return this.#scans.scan(prefix, (key, shown) => {
      if (!(shown instanceof Ending)) visit(key, shown);
      else if (shown.endMs > nowMs) visit(key, shown.value);
    });
  }

  #shown({ key, value }: Counter): Int64 | Ending | undefined {
    if (value === undefined || this.#windows.isEmpty) return value;
    const endMs = this.#windows.endMs(key);
    return endMs === undefined ? value : new Ending(value, endMs);
  }

  queueFull(): Problem {
    return new Problem('queue-full', `${this.#queue.capacity} counters wait to be written`);
  }

  #registryFull(): Problem {
    return new Problem('registry-full', `${this.#registry.size} counters are in memory`);
  }
}

const scratch = Buffer.alloc(KEY_BYTES_MAX);

/** A key may be a slice of a request's body: a copy lets go of the rest. */
function copyOf(key: string): string {
  return scratch.toString('utf8', 0, scratch.write(key));
}
