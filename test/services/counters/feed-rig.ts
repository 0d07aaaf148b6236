import type { Test } from 'tap';
import { Slices } from '../../../dist/engine/slices.js';
import { WriteBehind } from '../../../dist/engine/write-behind.js';
import { Problem } from '../../../dist/http/problem.js';
import { ChangeLog } from '../../../dist/services/counters/change-log.js';
import { CounterTable } from '../../../dist/services/counters/counter-table.js';
import { Counters } from '../../../dist/services/counters/counters.js';
import { Feed } from '../../../dist/services/counters/feed.js';
import type { Filter } from '../../../dist/services/counters/feed-reader.js';
import { Sources } from '../../../dist/services/counters/sources.js';
import { Windows } from '../../../dist/services/counters/windows.js';
import { Follower } from '../../contract/server-sent.js';
import { MemoryStore } from '../../memory-store.js';
import { Turns } from '../../turns.js';
import { SlowStream } from './slow-stream.js';

export interface FeedRigOptions {
  /** The last write of the run before. */
  readonly firstSeq?: number;
  readonly keysMax?: number;
  readonly chunkLength?: number;
  readonly bufferedMax?: number;
  /** A slice is over after so many looks at the clock. */
  readonly sliceMs?: number;
}

/** The counters and their feed, in memory; ticks, turns and the time of day pass when the test says so. */
export class FeedRig {
  readonly turns = new Turns();
  readonly changes: ChangeLog;
  readonly table: CounterTable;
  readonly counters: Counters;
  readonly feed: Feed;
  readonly #writes: WriteBehind;
  readonly #bufferedMax: number | undefined;
  #wallMs = 0;
  #job: (() => void) | undefined;

  constructor({ firstSeq = 0, keysMax, chunkLength, bufferedMax, sliceMs = 1 }: FeedRigOptions = {}) {
    const state = { seq: firstSeq, ceilingSeq: firstSeq, clean: true };
    const writes = new WriteBehind({
      store: new MemoryStore(state),
      intervalMs: 36_000_000,
      waitMs: 60_000,
      queueCapacity: 100_000,
      nowMs: () => performance.now(),
      onStoreChange: () => undefined,
    });
    const windows = new Windows(writes, () => this.#wallMs);
    const sources = new Sources(writes, 10);
    this.changes = new ChangeLog(keysMax);
    this.table = new CounterTable({ writes, max: 1_000_000, windows, sources, changes: this.changes });
    this.counters = new Counters({ table: this.table, writes, windows, sources });
    this.feed = new Feed({
      counters: this.counters,
      table: this.table,
      changes: this.changes,
      slices: new Slices({ sliceMs, nowMs: this.turns.nowMs, turn: this.turns.turn }),
      every: (_ms, job) => {
        this.#job = job;
        return () => {
          this.#job = undefined;
        };
      },
      ...(chunkLength === undefined ? {} : { chunkLength }),
    });
    this.#writes = writes;
    this.#bufferedMax = bufferedMax;
    writes.start(state);
    this.feed.start();
  }

  get isStarted(): boolean {
    return this.#job !== undefined;
  }

  /** It is time to tell: what is done at once is done. */
  tick(): void {
    this.#job?.();
  }

  /** It is time to tell, and everything is done that can be; so many times. */
  async told(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.tick();
      await this.turns.passAll();
    }
  }

  /** All counters that have ended are taken out. */
  pass(ms: number): void {
    this.#wallMs += ms;
    this.table.sweep(1_000_000);
  }

  /** Everything is in the store: deleted counters are gone from memory. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => this.#writes.whenDurable(this.#writes.seq, () => resolve()));
    await this.turns.passAll();
  }

  async stop(): Promise<void> {
    this.feed.stop();
    await this.#writes.stop(60_000);
  }

  increment(key: string, times = 1): number {
    let seq = 0;
    for (let i = 0; i < times; i++) seq = made(this.counters.increment(key, 1)).seq;
    return seq;
  }

  /** One write that adds to several counters. */
  incrementAll(keys: readonly string[]): number {
    return made(
      this.counters.incrementAll(
        keys,
        keys.map(() => 1),
      ),
    ).seq;
  }

  /** The counters that a filter is about, as they are now. */
  async valuesOf(filter: Filter): Promise<Map<string, number | string>> {
    await this.table.ready();
    const values = new Map<string, number | string>();
    const add = (key: string) => {
      const value = this.counters.value(key);
      if (value !== undefined) values.set(key, typeof value === 'number' ? value : `${value}`);
    };
    if ('keys' in filter) for (const key of filter.keys) add(key);
    else for (const { key } of this.table.page(filter.prefix, undefined, 1_000_000)) add(key);
    return values;
  }

  follow(filter: Filter, since?: number): Client {
    return new Client(this, filter, since, this.#bufferedMax);
  }
}

/** One that lives as long as its test. */
export function rigOf(t: Test, options?: FeedRigOptions): FeedRig {
  const rig = new FeedRig(options);
  t.teardown(() => rig.stop());
  return rig;
}

export function made<T>(outcome: T | Problem): T {
  if (outcome instanceof Problem) throw new Error(outcome.detail);
  return outcome;
}

/** A client of the feed that comes back by itself, as a browser does (WHATWG HTML, section 9.2.3). */
export class Client extends Follower {
  readonly #rig: FeedRig;
  readonly filter: Filter;
  readonly #since: number | undefined;
  readonly #bufferedMax: number | undefined;
  stream: SlowStream;

  constructor(rig: FeedRig, filter: Filter, since: number | undefined, bufferedMax: number | undefined) {
    super();
    this.#rig = rig;
    this.filter = filter;
    this.#since = since;
    this.#bufferedMax = bufferedMax;
    this.stream = this.#connect();
  }

  #connect(): SlowStream {
    const stream = new SlowStream(this.#bufferedMax);
    this.connected();
    this.#rig.feed.follow(stream, this.filter, this.lastId ?? this.#since);
    return stream;
  }

  /** Takes so many characters of what was sent, or all of it. Returns the text. */
  take(length?: number): string {
    const text = this.stream.take(length);
    this.receive(text);
    return text;
  }

  cut(): void {
    this.stream.end();
  }

  /** Where it was cut off, it comes back. */
  resume(): void {
    if (this.stream.isOver) this.stream = this.#connect();
  }
}

export function event(key: string, value: number | null, seq: number, id = true): string {
  return `event: counter\n${id ? `id: ${seq}\n` : ''}data: {"key":"${key}","value":${value},"seq":${seq}}\n\n`;
}

export function mark(seq: number): string {
  return `id: ${seq}\n\n`;
}

export function reset(seq: number): string {
  return `event: reset\ndata: {"seq":${seq}}\n\n`;
}
