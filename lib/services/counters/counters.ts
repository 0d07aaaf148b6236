import { add, type Int64 } from '../../engine/int64.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { CLEAN } from '../../engine/write-queue.js';
import { Problem } from '../../http/problem.js';
import { type Limits, step } from './bounds.js';
import type { Counter } from './counter.js';
import type { Counted, CounterTable } from './counter-table.js';
import { notAWindow, outOfBounds, overflow, overflowOf, unknownKey } from './refusals.js';
import type { Source, Sources } from './sources.js';
import type { Windows } from './windows.js';

/** How often counters that have ended are looked for, and how many are taken out in one turn. */
const SWEEP_MS = 100;
const SWEEP_MAX = 1_000;

/** What a step within limits came to. */
export interface Stepped extends Counted {
  /** What was added: less than was asked where the step stopped at a bound. */
  readonly applied: Int64;
  /** Milliseconds until the counter ends; `undefined` where it has no end. */
  readonly leftMs: number | undefined;
}

export interface CountersOptions {
  readonly table: CounterTable;
  readonly writes: WriteBehind;
  readonly windows: Windows;
  readonly sources: Sources;
}

/** What can be done with counters. Each method is one instant, and either one write or none. */
export class Counters {
  readonly #table: CounterTable;
  readonly #writes: WriteBehind;
  readonly #windows: Windows;
  readonly #sources: Sources;
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor({ table, writes, windows, sources }: CountersOptions) {
    this.#table = table;
    this.#writes = writes;
    this.#windows = windows;
    this.#sources = sources;
  }

  /** Starts to take out what has ended. All rows have been loaded before. */
  start(): void {
    this.#sweepTimer = setInterval(() => this.#table.sweep(SWEEP_MAX), SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#sweepTimer);
  }

  /** The last write: what is read now is how things are after it. */
  get seq(): number {
    return this.#writes.seq;
  }

  value(key: string): Int64 | undefined {
    const counter = this.#table.get(key);
    return counter === undefined ? undefined : this.#table.valueOf(counter);
  }

  /** Milliseconds until a counter ends that was found to count; `undefined` where it has no end. */
  leftMs(key: string): number | undefined {
    const leftMs = this.#windows.isEmpty ? undefined : this.#windows.leftMs(key);
    // The clock may have gone on since.
    return leftMs === undefined ? undefined : Math.max(1, leftMs);
  }

  /** The sources of a counter, in no order; `undefined` where there is no counter. */
  sourcesOf(key: string): readonly Source[] | undefined {
    return this.value(key) === undefined ? undefined : this.#sources.of(key);
  }

  /** Adds `by` to a counter, a new one where there is none; or changes nothing and says why. O(1). */
  increment(key: string, by: Int64): Counted | Problem {
    const counter = this.#table.find(key);
    return counter instanceof Problem ? counter : this.#add(counter, key, by);
  }

  #add(counter: Counter | undefined, key: string, by: Int64): Counted | Problem {
    if (counter?.value === undefined) return this.#table.begin(counter, key, by, undefined);
    const value = add(counter.value, by);
    return value === undefined ? overflow(key, counter.value, by) : this.#table.change(counter, value);
  }

  /** Adds `by` within limits; or changes nothing and says why. O(1); a new window O(log windows). */
  step(key: string, by: Int64, limits: Limits): Stepped | Problem {
    const counter = this.#table.find(key);
    if (counter instanceof Problem) return counter;
    const before = counter?.value;
    const leftMs = before === undefined ? undefined : this.leftMs(key);
    const { ttlMs } = limits;
    if (ttlMs !== undefined && before !== undefined && leftMs === undefined) {
      return notAWindow(key);
    }
    const stepped = step(before ?? 0, by, limits);
    if (stepped === 'overflow') return overflow(key, before ?? 0, by);
    if (stepped === 'bound') return outOfBounds(key, before ?? 0, by, limits, leftMs);
    const { value, applied } = stepped;
    // Stopped where it stood: nothing is written, and the reply is true as of the last write.
    if (applied === 0 && by !== 0) return { key, value, seq: this.seq, applied, leftMs };
    const counted =
      counter === undefined || before === undefined
        ? this.#table.begin(counter, key, value, ttlMs)
        : this.#table.change(counter, value);
    return counted instanceof Problem ? counted : { ...counted, applied, leftMs: leftMs ?? ttlMs };
  }

  /** Gives a counter a value, whatever it had; or only where it has `ifValue`. Where there is none, that is 0. */
  set(key: string, value: Int64, ifValue: Int64 | undefined): Counted | Problem {
    const counter = this.#table.find(key);
    if (counter instanceof Problem) return counter;
    const before = counter?.value ?? 0;
    if (ifValue !== undefined && ifValue !== before) {
      return new Problem('value-differs', `${key} is ${before}, not ${ifValue}`, undefined, { value: before });
    }
    if (counter?.value === undefined) return this.#table.begin(counter, key, value, undefined);
    return this.#table.change(counter, value);
  }

  /** Deletes a counter, with its window and its sources. Returns the value that it had. */
  delete(key: string): Counted | Problem {
    const counter = this.#table.find(key);
    if (counter instanceof Problem) return counter;
    if (counter?.value === undefined) return unknownKey(key);
    const { value } = counter;
    const seq = this.#table.end(counter);
    return seq instanceof Problem ? seq : { key, value, seq };
  }

  /**
   * Adds to a counter what a source's running totals say beyond those that it reported before.
   *
   * @param total of all that the source has counted up; not negative.
   * @param decrements of all that it has counted down; not negative.
   */
  report(key: string, source: string, total: Int64, decrements: Int64): Counted | Problem {
    const counter = this.#table.find(key);
    if (counter instanceof Problem) return counter;
    const news = this.#sources.news(key, source, total, decrements);
    if (news === undefined) return { key, value: counter?.value ?? 0, seq: this.seq };
    const refusal = this.#sources.refusal(key, source);
    if (refusal !== undefined) return refusal;
    // Not looked up again: it might have ended since, and its sources be forgotten.
    const counted = this.#add(counter, key, news.by);
    if (!(counted instanceof Problem)) this.#sources.put(key, source, news);
    return counted;
  }

  /**
   * Adds each of `bys` to the counter at the same place in `keys`: all in one write, or none.
   * Returns the values in the same order. O(length), in one turn.
   */
  incrementAll(keys: readonly string[], bys: readonly Int64[]): { values: Int64[]; seq: number } | Problem {
    const found = new Array<Counter | undefined>(keys.length);
    for (let i = 0; i < keys.length; i++) {
      const counter = this.#table.find(keys[i] as string);
      if (counter instanceof Problem) return counter;
      found[i] = counter;
    }
    const refusal = this.#roomRefusal(keys, found) ?? overflowOf(keys, bys, (i) => found[i]?.value ?? 0);
    if (refusal !== undefined) return refusal;
    const values = new Array<Int64>(keys.length);
    if (keys.length === 0) return { values, seq: this.seq };
    for (let i = 0; i < keys.length; i++) {
      const counter = found[i] ?? this.#made(keys[i] as string);
      this.#table.prepare(counter);
      const value = add(counter.value ?? 0, bys[i] as Int64) as Int64;
      counter.value = value;
      values[i] = value;
    }
    return { values, seq: this.#table.stamp(keys) };
  }

  /** Why there is no room for a batch. To count its keys as if no two were the same suffices nearly always. */
  #roomRefusal(keys: readonly string[], found: readonly (Counter | undefined)[]): Problem | undefined {
    if (this.#table.refusal(keys.length, keys.length) === undefined) return undefined;
    const added = new Set(keys.filter((_, i) => found[i] === undefined)).size;
    const dirtied = new Set(found.filter((counter) => counter?.dirtyIn === CLEAN)).size;
    return this.#table.refusal(dirtied + added, added);
  }

  /** The counter of a key that had none when its batch began. There is room for it. */
  #made(key: string): Counter {
    const counter = this.#table.get(key) ?? this.#table.add(key);
    if (counter instanceof Problem) throw new Error(`no room where there was some: ${counter.detail}`);
    return counter;
  }
}
