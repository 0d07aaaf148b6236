import type { WriteBehind } from '../../engine/write-behind.js';
import type { Route } from '../../http/route.js';
import type { Columns } from '../../store/store.js';
import type { Table } from '../../store/table.js';
import type { Durability } from '../../writes/durability.js';
import type { Writer } from '../../writes/writer.js';
import { batchRoutes } from './batch-routes.js';
import { ChangeLog } from './change-log.js';
import { NUMBERS } from './counter.js';
import { CounterTable } from './counter-table.js';
import { Counters } from './counters.js';
import { eventRoutes } from './event-routes.js';
import { Feed } from './feed.js';
import { incrementRoutes } from './increment-routes.js';
import { listRoutes } from './list-routes.js';
import { numberRoutes } from './number-routes.js';
import { sourceRoutes } from './source-routes.js';
import { SOURCES, Sources } from './sources.js';
import { WINDOWS, Windows } from './windows.js';

export interface CounterServiceOptions {
  readonly writes: WriteBehind;
  readonly maxCounters: number;
  /** Of all counters together. */
  readonly maxSources: number;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
}

export interface CounterRoutesOptions {
  readonly writer: Writer;
  /** Of a write that does not say. */
  readonly durability: Durability;
  /** The largest batch, in bytes. */
  readonly maxBatchBytes: number;
  /** How many follow the feed at the most. */
  readonly maxReaders: number;
}

/** The counters as a service: their parts put together. */
export class CounterService {
  readonly #writes: WriteBehind;
  readonly #windows: Windows;
  readonly #sources: Sources;
  readonly #feed: Feed;
  readonly table: CounterTable;
  readonly counters: Counters;

  constructor({ writes, maxCounters, maxSources, wallMs }: CounterServiceOptions) {
    this.#writes = writes;
    this.#windows = new Windows(writes, wallMs);
    this.#sources = new Sources(writes, maxSources);
    const changes = new ChangeLog();
    const parts = { writes, windows: this.#windows, sources: this.#sources };
    this.table = new CounterTable({ ...parts, max: maxCounters, changes });
    this.counters = new Counters({ ...parts, table: this.table });
    this.#feed = new Feed({ counters: this.counters, table: this.table, changes });
  }

  /**
   * Takes in rows of a table as the store has them; of the tables in the order of COUNTER_TABLES.
   * Returns why that is impossible, if it is.
   */
  load(table: Table, rows: Columns): string | undefined {
    const isCounted = (key: string) => this.table.get(key) !== undefined;
    switch (table) {
      case NUMBERS:
        return this.table.load(rows);
      case WINDOWS:
        return this.#windows.load(rows, isCounted);
      case SOURCES:
        return this.#sources.load(rows, isCounted);
      default:
        throw new RangeError(`no table of the counters: ${table.name}`);
    }
  }

  /** Starts what is done from time to time. All rows have been loaded before. */
  start(): void {
    this.counters.start();
    this.#feed.start();
  }

  stop(): void {
    this.counters.stop();
    this.#feed.stop();
  }

  /** How many follow the feed. */
  get readers(): number {
    return this.#feed.readers;
  }

  routes({ writer, durability, maxBatchBytes, maxReaders }: CounterRoutesOptions): Route[] {
    const options = { counters: this.counters, table: this.table, writes: this.#writes, writer, durability };
    return [
      ...incrementRoutes(options),
      ...batchRoutes(options, maxBatchBytes),
      ...numberRoutes(options),
      ...sourceRoutes(options),
      ...listRoutes(options),
      ...eventRoutes(this.#feed, maxReaders),
    ];
  }
}
