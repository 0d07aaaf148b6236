import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Int64 } from '../../../dist/engine/int64.js';
import { WriteBehind } from '../../../dist/engine/write-behind.js';
import { Problem } from '../../../dist/http/problem.js';
import type { Limits } from '../../../dist/services/counters/bounds.js';
import type { CounterTable } from '../../../dist/services/counters/counter-table.js';
import type { Counters } from '../../../dist/services/counters/counters.js';
import { CounterService } from '../../../dist/services/counters/service.js';
import { COUNTER_TABLES } from '../../../dist/services/counters/tables.js';
import type { Columns, StoreState } from '../../../dist/store/store.js';
import type { Value } from '../../../dist/store/table.js';
import { MemoryStore, type Point } from '../../memory-store.js';

export const SOME_DAY_MS = Date.parse('2026-11-21T08:00:00Z');

/** Longer than any test: no timer starts a drain. */
const LONG_MS = 36_000_000;

export interface RigOptions {
  readonly store?: MemoryStore;
  readonly maxCounters?: number;
  readonly maxSources?: number;
  readonly queueCapacity?: number;
}

/** Limits of a step: none but those that are said. */
export function limits(some: Partial<Limits>): Limits {
  return { min: undefined, max: undefined, saturate: false, ttlMs: undefined, ...some };
}

/** Counters over a store in memory, at a time of day that the test says. */
export class Rig {
  nowMs = SOME_DAY_MS;
  /** How often somebody looked at the time of day. */
  looks = 0;
  /** How far the clock goes on with each look. */
  lookMs = 0;
  readonly store: MemoryStore;
  readonly writes: WriteBehind;
  readonly counters: Counters;
  readonly table: CounterTable;

  constructor(
    t: Test,
    { store = new MemoryStore(), maxCounters = 10_000, maxSources = 100_000, queueCapacity = 10_000 }: RigOptions = {},
  ) {
    this.store = store;
    this.writes = new WriteBehind({
      store,
      intervalMs: LONG_MS,
      waitMs: Number.POSITIVE_INFINITY,
      queueCapacity,
      nowMs: () => performance.now(),
      onStoreChange: () => undefined,
    });
    const wallMs = () => {
      this.looks++;
      const { nowMs } = this;
      this.nowMs += this.lookMs;
      return nowMs;
    };
    const service = new CounterService({ writes: this.writes, maxCounters, maxSources, wallMs });
    this.counters = service.counters;
    this.table = service.table;
    for (const table of COUNTER_TABLES) {
      const fault = service.load(table, columnsOf(store, table.name, table.columns.length));
      if (fault !== undefined) throw new Error(fault);
    }
    this.writes.start(store.state);
    t.teardown(async () => {
      this.counters.stop();
      store.failure = undefined;
      store.halting = false;
      store.go();
      await this.writes.stop(Number.POSITIVE_INFINITY);
    });
  }

  /** Another one, with what a crash now would have left. */
  afterCrash(t: Test, options: RigOptions = {}): Rig {
    const { seq, ceilingSeq } = this.store.state;
    const state: StoreState = { seq, ceilingSeq, clean: false };
    const store = new MemoryStore(state);
    for (const [name, row] of this.store.rows) store.rows.set(name, row);
    const next = new Rig(t, { ...options, store });
    next.nowMs = this.nowMs;
    return next;
  }

  add(key: string, by: Int64 = 1): Int64 | string {
    return said(this.counters.increment(key, by));
  }

  /** Counts in a window. */
  hit(key: string, ttlMs: number, by: Int64 = 1): Int64 | string {
    return said(this.counters.step(key, by, limits({ ttlMs })));
  }

  report(key: string, source: string, total: Int64, decrements: Int64 = 0): Int64 | string {
    return said(this.counters.report(key, source, total, decrements));
  }

  delete(key: string): Int64 | string {
    return said(this.counters.delete(key));
  }

  addAll(keys: readonly string[], bys: readonly Int64[]): readonly Int64[] | string {
    const counted = this.counters.incrementAll(keys, bys);
    return counted instanceof Problem ? counted.code : counted.values;
  }

  /** Drains what is there now, and resolves when it is on disk and out of the queues. */
  async drained(): Promise<void> {
    const { seq } = this.counters;
    await new Promise<void>((resolve) => this.writes.whenDurable(seq, () => resolve()));
    for (let turn = 0; turn < 4; turn++) await nextTurn();
  }

  /** Starts a drain of what is there now, and halts it at a point. */
  async halted(point: Point): Promise<void> {
    this.store.halting = true;
    this.writes.drain();
    while (this.store.haltedAt !== point) {
      this.store.go();
      await nextTurn();
    }
  }

  /** Lets the halted drain go on, or fail, and waits until nothing is left to be done. */
  async released(error?: Error): Promise<void> {
    this.store.halting = false;
    this.store.go(error);
    await this.drained();
  }

  /** What is in memory of some counters, and what is yet to be written. */
  memory(...keys: string[]): object {
    const { seq, queued } = this.writes.status();
    const seen = keys.map((key) => [key, this.counters.value(key), this.counters.leftMs(key), this.counters.sourcesOf(key)]);
    return { seq, queued, size: this.table.size, seen: structuredClone(seen) };
  }

  /** The rows on disk, by table and key. */
  rows(): Record<string, readonly Value[]> {
    return Object.fromEntries(
      [...this.store.rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => [name, row.slice(1)]),
    );
  }
}

/** The value that a write came to, or the code of the problem. */
export function said(counted: { readonly value: Int64 } | Problem): Int64 | string {
  return counted instanceof Problem ? counted.code : counted.value;
}

function columnsOf({ rows }: MemoryStore, table: string, count: number): Columns {
  const own = [...rows].filter(([name]) => name.startsWith(`${table} `)).map(([, row]) => row);
  return { length: own.length, columns: Array.from({ length: count }, (_, c) => own.map((row) => row[c] as Value)) };
}
