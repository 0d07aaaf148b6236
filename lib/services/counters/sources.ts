import { type Int64, subtract } from '../../engine/int64.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { CLEAN, type Dirtyable, type WriteQueue } from '../../engine/write-queue.js';
import { Problem } from '../../http/problem.js';
import type { Columns } from '../../store/store.js';
import { Deletion, type Table } from '../../store/table.js';

export const SOURCES: Table = {
  name: 'incrementer_sources',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'source', type: 'text' },
    { name: 'total', type: 'integer' },
    { name: 'decrements', type: 'integer' },
  ],
  key: ['key', 'source'],
};

/** Of one counter: more would stop the thread for too long when the counter is deleted or listed. */
export const SOURCES_PER_COUNTER_MAX = 10_000;

/** What one source has counted, up and down. `isGone`: its counter was deleted, and its row is still to be. */
export class Source implements Dirtyable {
  readonly key: string;
  readonly source: string;
  total: Int64 = 0;
  decrements: Int64 = 0;
  isGone = false;
  dirtyIn = CLEAN;

  constructor(key: string, source: string) {
    this.key = key;
    this.source = source;
  }
}

/** A report that says more than what was known. */
export interface News {
  /** What it changes of the counter's value. */
  readonly by: Int64;
  readonly total: Int64;
  readonly decrements: Int64;
}

/**
 * The highest totals that each source has reported of a counter: a counter that only grows, in
 * the sense of conflict-free replicated data types, and a second one for what is taken off it.
 */
export class Sources {
  readonly #max: number;
  readonly #byKey = new Map<string, Map<string, Source>>();
  readonly #queue: WriteQueue<Source>;
  #size = 0;

  /** @param max how many there are at the most, of all counters together. */
  constructor(writes: WriteBehind, max: number) {
    this.#max = max;
    this.#queue = writes.queue({
      table: SOURCES,
      change: ({ key, source, total, decrements, isGone }: Source) =>
        isGone ? new Deletion([key, source]) : [key, source, total, decrements],
      onClean: (source: Source) => {
        if (source.isGone) this.#delete(source);
      },
    });
  }

  /**
   * Takes in rows of SOURCES as the store has them. Those without a counter are deleted, as
   * windows are. Returns why that is impossible, if it is.
   */
  load({ length, columns }: Columns, isCounted: (key: string) => boolean): string | undefined {
    const [keys, names, totals, decrements] = columns as [string[], string[], Int64[], Int64[]];
    for (let i = 0; i < length; i++) {
      if (this.#size >= this.#max) return `${SOURCES.name} has more than ${this.#max} rows: raise --max-sources`;
      const source = this.#add(keys[i] as string, names[i] as string);
      source.total = totals[i] as Int64;
      source.decrements = decrements[i] as Int64;
      if (isCounted(source.key)) continue;
      source.isGone = true;
      this.#queue.admitWhileLoading(source);
    }
    return undefined;
  }

  /** Those of a counter, in no order. */
  of(key: string): Source[] {
    return [...(this.#byKey.get(key)?.values() ?? [])].filter(({ isGone }) => !isGone);
  }

  /**
   * What a report of running totals tells; `undefined` when it tells nothing new. Changes nothing.
   *
   * @param total of what the source has counted up, @param decrements and down: not negative.
   */
  news(key: string, source: string, total: Int64, decrements: Int64): News | undefined {
    const known = this.#byKey.get(key)?.get(source);
    const before = known === undefined || known.isGone ? NOTHING : known;
    const up = total > before.total ? total : before.total;
    const down = decrements > before.decrements ? decrements : before.decrements;
    // None of these can leave the range: the totals are from 0 to 2^63-1, and only grow.
    const by = subtract(subtract(up, before.total) as Int64, subtract(down, before.decrements) as Int64) as Int64;
    return up === before.total && down === before.decrements && before !== NOTHING
      ? undefined
      : { by, total: up, decrements: down };
  }

  /** Why a report can't be taken now. */
  refusal(key: string, source: string): Problem | undefined {
    const all = this.#byKey.get(key);
    const known = all?.get(source);
    if (known !== undefined) return known.dirtyIn === CLEAN ? this.#fullness() : undefined;
    if (this.#size >= this.#max) return new Problem('sources-full', `${this.#max} sources are in memory`);
    // They are all deleted in one write: more than the queue holds never could be.
    const max = Math.min(SOURCES_PER_COUNTER_MAX, this.#queue.capacity);
    if (all !== undefined && all.size >= max) {
      return new Problem('sources-full', `${key} has ${max} sources, and takes no more`);
    }
    return this.#fullness();
  }

  #fullness(): Problem | undefined {
    return this.#queue.room > 0 ? undefined : new Problem('queue-full', `${this.#queue.capacity} sources wait to be written`);
  }

  /** Takes a report in. It was not refused. */
  put(key: string, source: string, { total, decrements }: News): void {
    const entry = this.#byKey.get(key)?.get(source) ?? this.#add(key, source);
    this.#queue.admit(entry);
    entry.isGone = false;
    entry.total = total;
    entry.decrements = decrements;
  }

  /** Whether a counter's sources can be forgotten now. */
  hasRoomToForget(key: string): boolean {
    return (this.#byKey.get(key)?.size ?? 0) <= this.#queue.room;
  }

  /** Forgets a counter's sources. There is room. */
  forget(key: string): void {
    for (const source of this.of(key)) {
      this.#queue.admit(source);
      source.isGone = true;
      source.total = 0;
      source.decrements = 0;
    }
  }

  #add(key: string, name: string): Source {
    // The texts may be slices of a request: copies let go of the rest.
    const source = new Source(Buffer.from(key).toString(), Buffer.from(name).toString());
    const all = this.#byKey.get(key);
    if (all === undefined) this.#byKey.set(source.key, new Map([[source.source, source]]));
    else all.set(source.source, source);
    this.#size++;
    return source;
  }

  #delete({ key, source }: Source): void {
    const all = this.#byKey.get(key);
    if (all?.delete(source)) this.#size--;
    if (all?.size === 0) this.#byKey.delete(key);
  }
}

const NOTHING = { total: 0, decrements: 0 };
