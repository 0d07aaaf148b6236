import type { Slices } from '../../engine/slices.js';
import type { Change, ChangeLog } from './change-log.js';
import type { CounterTable } from './counter-table.js';
import type { Counters } from './counters.js';
import { counterEvent, mark, resetEvent } from './feed-event.js';
import type { FeedReader } from './feed-reader.js';

/** Counters of a list that are looked up at once. */
const PAGE_LIMIT = 128;

export interface CatchUpOptions {
  readonly counters: Counters;
  readonly table: CounterTable;
  readonly changes: ChangeLog;
  readonly slices: Slices;
  /** A chunk is at an end when it has so many characters. */
  readonly chunkLength: number;
  /** Called when a reader was told of everything that is settled. */
  readonly onReached: (reader: FeedReader) => void;
}

/**
 * Has readers who are behind catch up: with what the log of changes has; or, where the log does not
 * go back so far, with a list of all that they follow.
 *
 * They stand in a line, and whose turn it is gets one chunk. Nothing is kept for any of them but
 * how far it was told: however many there are, and however slow, it takes no memory but for a chunk.
 */
export class CatchUp {
  readonly #counters: Counters;
  readonly #table: CounterTable;
  readonly #changes: ChangeLog;
  readonly #slices: Slices;
  readonly #chunkLength: number;
  readonly #onReached: (reader: FeedReader) => void;
  readonly #line = new Set<FeedReader>();
  #isRunning = false;
  /** Whether the table can be asked for pages. */
  #hasPages = false;

  constructor({ counters, table, changes, slices, chunkLength, onReached }: CatchUpOptions) {
    this.#counters = counters;
    this.#table = table;
    this.#changes = changes;
    this.#slices = slices;
    this.#chunkLength = chunkLength;
    this.#onReached = onReached;
  }

  /** Puts a reader in the line, if it is behind and can be written to. */
  add(reader: FeedReader): void {
    if (reader.isLive || reader.isBlocked || reader.isOver) return;
    this.#line.add(reader);
    if (!this.#isRunning) void this.#run();
  }

  remove(reader: FeedReader): void {
    this.#line.delete(reader);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#line.size > 0) {
      await this.#slices.next();
      // Who comes back to the end of the line is visited again.
      for (const reader of this.#line) {
        this.#line.delete(reader);
        if (this.#advance(reader)) this.#line.add(reader);
        if (this.#slices.isOver) break;
      }
    }
    this.#isRunning = false;
  }

  /** Sends a reader a chunk more, where there is one for it. Returns whether it can go on. */
  #advance(reader: FeedReader): boolean {
    // While it is given a list as well: the horizon does not come back.
    if (reader.sentSeq < this.#changes.horizon) return this.#list(reader);
    if (reader.sentSeq < this.#changes.settledSeq) return this.#replay(reader);
    this.#onReached(reader);
    return false;
  }

  /** Sends what the log has for a reader: the next part of it. */
  #replay(reader: FeedReader): boolean {
    let chunk = '';
    let last: Change | undefined;
    for (const change of this.#changes.after(reader.sentSeq, reader.sentPlace)) {
      if (!reader.follows(change.key)) continue;
      if (last !== undefined) {
        const isWhole = last.seq !== change.seq;
        chunk += this.#event(last, isWhole);
        if (isWhole) reader.sentSeq = last.seq;
        reader.sentPlace = last.place;
        if (chunk.length >= this.#chunkLength) return reader.write(chunk);
      }
      last = change;
    }
    if (last !== undefined) chunk += this.#event(last, true);
    reader.sentSeq = this.#changes.settledSeq;
    return chunk === '' || reader.write(chunk);
  }

  #event({ key, seq }: Change, id: boolean): string {
    return counterEvent(key, this.#counters.value(key), seq, id);
  }

  /** Sends the next part of a list of all that a reader follows. */
  #list(reader: FeedReader): boolean {
    const { filter } = reader;
    if ('prefix' in filter && !this.#hasPages) {
      this.#comeBackWithPages(reader);
      return false;
    }
    const isFirst = reader.listing === undefined;
    reader.listing ??= { seq: this.#counters.seq, after: undefined };
    const { listing } = reader;
    let chunk = isFirst ? resetEvent(listing.seq) : '';
    let isLast = true;
    if ('keys' in filter) {
      for (const key of filter.keys) chunk += counterEvent(key, this.#counters.value(key), listing.seq, false);
    } else {
      do {
        const page = this.#table.page(filter.prefix, listing.after, PAGE_LIMIT);
        for (const { key, value } of page) chunk += counterEvent(key, value, listing.seq, false);
        listing.after = page.at(-1)?.key;
        isLast = page.length < PAGE_LIMIT;
      } while (!isLast && chunk.length < this.#chunkLength);
    }
    if (!isLast) return reader.write(chunk);
    reader.listing = undefined;
    reader.sentSeq = listing.seq;
    return reader.write(chunk + mark(listing.seq));
  }

  #comeBackWithPages(reader: FeedReader): void {
    void this.#table.ready().then(() => {
      this.#hasPages = true;
      this.add(reader);
    });
  }
}
