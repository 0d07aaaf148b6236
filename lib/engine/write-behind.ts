import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch, Slice, Store, StoreState } from '../store/store.js';
import type { Row, Table } from '../store/table.js';
import { Ceiling } from './ceiling.js';
import { type Settle, Waiters } from './waiters.js';
import { type Dirtyable, WriteQueue } from './write-queue.js';

export interface WriteBehindOptions {
  readonly store: Store;
  /** Time from one drain to the next, in milliseconds. */
  readonly intervalMs: number;
  /** How long anyone waits for a commit at the most, in milliseconds. */
  readonly waitMs: number;
  /** How many dirty entries each table's queue holds at the most. */
  readonly queueCapacity: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs: () => number;
  /** Called once per change: with the error when commits begin to fail, without when they work. */
  readonly onStoreChange: (error?: Error) => void;
}

export interface DrainReport {
  /** When it was committed, by the engine's clock. */
  readonly atMs: number;
  readonly rows: number;
  /** From the snapshot to the commit. */
  readonly ms: number;
}

export interface WriteBehindStatus {
  readonly seq: number;
  readonly durableSeq: number;
  /** Dirty entries, all tables together. */
  readonly queued: number;
  /** Age of the oldest write that is not on disk; 0 when all are. */
  readonly oldestPendingMs: number;
  readonly lastDrain: DrainReport | undefined;
  readonly store: 'ok' | 'failing';
  /** Writes wait for the disk much longer than a drain should take to come. */
  readonly stalled: boolean;
}

/** Entries taken out of a queue in one turn after a commit: a fraction of a millisecond. */
const RELEASE_MAX = 4_096;

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** How often deadlines are looked at: nobody waits longer than its deadline and this. */
const SWEEP_MS = 100;

const STALLED_INTERVALS = 3;
const STALLED_MS_MIN = 1_000;

/**
 * Writes behind: it numbers the writes, has what is dirty drained into the store, and knows what
 * is on disk.
 *
 * A write is acknowledged from memory only below the ceiling that is on disk (see ceiling.ts);
 * the ceiling stands above `durableSeq` only while something acknowledged is pending. The price
 * falls on the first write after a quiet interval: its reply waits for one small commit. While
 * the store fails the ceiling can't be raised, and writes are acknowledged all the same.
 */
export class WriteBehind {
  readonly #store: Store;
  readonly #intervalMs: number;
  readonly #waitMs: number;
  readonly #queueCapacity: number;
  readonly #nowMs: () => number;
  readonly #onStoreChange: (error?: Error) => void;
  readonly #queues: WriteQueue<never>[] = [];
  readonly #ceiling: Ceiling;

  #seq = 0;
  #durableSeq = 0;
  #acknowledgedSeq = 0;
  /** The highest write that asked for a higher ceiling. */
  #raiseToSeq = 0;

  /** The last write before the last snapshot, and when the first one after it came. */
  #snapshotSeq = 0;
  #firstPendingMs = 0;
  /** When the oldest write before the snapshot came that is still not on disk. */
  #batchPendingMs: number | undefined;

  readonly #untilDurable = new Waiters();
  readonly #untilAcknowledged = new Waiters();

  #committing: Promise<void> | undefined;
  #drainWanted = false;
  #raiseWanted = false;
  #lastDrain: DrainReport | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;

  #failing = false;
  /** A commit is taking so long that someone gave up waiting for it. */
  #hanging = false;
  #retryMs = RETRY_MS_MIN;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(options: WriteBehindOptions) {
    this.#store = options.store;
    this.#intervalMs = options.intervalMs;
    this.#waitMs = options.waitMs;
    this.#queueCapacity = options.queueCapacity;
    this.#nowMs = options.nowMs;
    this.#onStoreChange = options.onStoreChange;
    this.#ceiling = new Ceiling(options.intervalMs, options.nowMs);
  }

  /** Adds a table: its entries are written from now on, in the same batches as all others'. */
  queue<E extends Dirtyable>(table: Table, row: (entry: E) => Row): WriteQueue<E> {
    const queue = new WriteQueue(table, row, this.#queueCapacity, () => this.drain());
    this.#queues.push(queue as unknown as WriteQueue<never>);
    return queue;
  }

  /**
   * Starts the drain job. No write may come before.
   *
   * @param state where the store stood when it was opened.
   */
  start(state: StoreState): void {
    // What lay between the two watermarks of the last run is gone; its numbers are not used again.
    const last = state.ceilingSeq;
    this.#seq = last;
    this.#durableSeq = last;
    this.#acknowledgedSeq = last;
    this.#raiseToSeq = last;
    this.#snapshotSeq = last;
    this.#ceiling.start(last);
    this.#drainTimer = setInterval(() => {
      if (this.#seq > this.#durableSeq) this.drain();
    }, this.#intervalMs);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /**
   * Stops the drain job and drains what is left. No write may come after it was called.
   *
   * @returns whether everything was on disk within `timeoutMs`.
   */
  async stop(timeoutMs: number): Promise<boolean> {
    clearInterval(this.#drainTimer);
    if (this.#seq > this.#durableSeq) {
      await new Promise<void>((resolve) => {
        this.#untilDurable.add(this.#seq, this.#nowMs() + timeoutMs, () => resolve());
        this.drain();
      });
    }
    clearInterval(this.#sweepTimer);
    clearTimeout(this.#retryTimer);
    if (this.#seq > this.#durableSeq) return false;
    await this.#committing;
    return true;
  }

  status(): WriteBehindStatus {
    const oldestPendingMs = this.#oldestPendingMs();
    return {
      seq: this.#seq,
      durableSeq: this.#durableSeq,
      queued: this.#queues.reduce((sum, queue) => sum + queue.count, 0),
      oldestPendingMs,
      lastDrain: this.#lastDrain,
      store: this.#failing || this.#hanging ? 'failing' : 'ok',
      stalled: oldestPendingMs > Math.max(STALLED_INTERVALS * this.#intervalMs, STALLED_MS_MIN),
    };
  }

  #oldestPendingMs(): number {
    if (this.#batchPendingMs !== undefined) return this.#nowMs() - this.#batchPendingMs;
    return this.#seq > this.#snapshotSeq ? this.#nowMs() - this.#firstPendingMs : 0;
  }

  /** Numbers a write that is being made. Its entries have been admitted to their queues before. */
  stamp(): number {
    if (this.#seq === this.#snapshotSeq) this.#firstPendingMs = this.#nowMs();
    return ++this.#seq;
  }

  /** Whether a write may be acknowledged from memory now; if not, `whenAcknowledged` tells when. */
  acknowledge(seq: number): boolean {
    if (seq > this.#ceiling.freeUpToSeq && !this.#askToPass(seq)) return false;
    this.#acknowledgedSeq = seq;
    return true;
  }

  #askToPass(seq: number): boolean {
    if (this.#failing || this.#hanging) return true;
    this.#raiseToSeq = seq;
    this.#raiseWanted = true;
    this.#commitSoon();
    return seq <= this.#ceiling.seq;
  }

  /**
   * Calls back when a write may be acknowledged from memory: when the ceiling has been raised
   * above it or the write is on disk, or as soon as the store turns out to fail; after `waitMs`
   * at the latest.
   */
  whenAcknowledged(seq: number, done: () => void): void {
    this.#untilAcknowledged.add(seq, this.#nowMs() + this.#waitMs, (reached) => {
      if (!reached) this.#hanging = true;
      this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
      done();
    });
  }

  /** Calls back when every write up to `seq` is on disk, or, with false, after `waitMs`. */
  whenDurable(seq: number, settle: Settle): void {
    if (seq <= this.#durableSeq) {
      settle(true);
      return;
    }
    this.#untilDurable.add(seq, this.#nowMs() + this.#waitMs, settle);
    this.drain();
  }

  /**
   * Has everything drained that is written by now: at once, or right after the commit that is
   * under way. While the store fails, the next retry does it.
   */
  drain(): void {
    this.#drainWanted = true;
    this.#commitSoon();
  }

  #commitSoon(): void {
    if (this.#committing === undefined && this.#retryTimer === undefined) this.#committing = this.#commits();
  }

  /** One commit after the other for as long as one is wanted. At most one of these loops runs. */
  async #commits(): Promise<void> {
    do {
      // Whatever else comes in with this turn goes along: that is the group commit.
      await nextTurn();
      const startMs = this.#nowMs();
      const batch = this.#drainWanted ? this.#snapshot() : this.#batch(this.#durableSeq, []);
      try {
        await this.#store.commit(batch);
      } catch (error) {
        this.#failed(error instanceof Error ? error : new Error(String(error)));
        break;
      }
      this.#committed(batch, this.#nowMs() - startMs);
      for (const queue of batch.queues) while (queue.release(RELEASE_MAX)) await nextTurn();
    } while (this.#drainWanted || this.#raiseWanted);
    this.#committing = undefined;
  }

  /** All tables at one instant. O(tables): the rows are copied later, see write-queue.ts. */
  #snapshot(): QueueBatch {
    this.#drainWanted = false;
    for (const queue of this.#queues) queue.snapshot();
    if (this.#seq > this.#snapshotSeq) this.#batchPendingMs ??= this.#firstPendingMs;
    this.#snapshotSeq = this.#seq;
    return this.#batch(this.#seq, this.#queues);
  }

  #batch(seq: number, queues: readonly WriteQueue<never>[]): QueueBatch {
    return new QueueBatch(seq, queues, () => {
      this.#raiseWanted = false;
      return this.#ceiling.seal(seq, this.#seq, Math.max(this.#acknowledgedSeq, this.#raiseToSeq) > seq);
    });
  }

  #committed(batch: QueueBatch, ms: number): void {
    this.#ceiling.committed();
    this.#durableSeq = batch.seq;
    if (batch.queues.length > 0) {
      this.#batchPendingMs = undefined;
      this.#lastDrain = { atMs: this.#nowMs(), rows: batch.rows, ms };
    }
    this.#hanging = false;
    this.#retryMs = RETRY_MS_MIN;
    if (this.#failing) {
      this.#failing = false;
      this.#onStoreChange();
    }
    this.#untilDurable.reach(this.#durableSeq);
    this.#untilAcknowledged.reach(Math.max(this.#durableSeq, this.#ceiling.seq));
  }

  /** Nothing is lost: the entries are still in their queues, and a new snapshot takes them again. */
  #failed(error: Error): void {
    for (const queue of this.#queues) queue.abandon();
    if (!this.#failing) {
      this.#failing = true;
      this.#onStoreChange(error);
    }
    this.#untilAcknowledged.reach(Number.POSITIVE_INFINITY);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.drain();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #sweep(): void {
    const nowMs = this.#nowMs();
    this.#untilDurable.expire(nowMs);
    this.#untilAcknowledged.expire(nowMs);
  }
}

/** A snapshot of the queues, or of none of them where only the ceiling is to be raised. */
class QueueBatch implements Batch {
  readonly seq: number;
  readonly queues: readonly WriteQueue<never>[];
  readonly seal: () => number;
  rows = 0;
  #queue = 0;

  constructor(seq: number, queues: readonly WriteQueue<never>[], seal: () => number) {
    this.seq = seq;
    this.queues = queues;
    this.seal = seal;
  }

  next(rowsMax: number): Slice | undefined {
    for (; this.#queue < this.queues.length; this.#queue++) {
      const slice = this.queues[this.#queue]?.next(rowsMax);
      if (slice !== undefined) {
        this.rows += slice.length;
        return slice;
      }
    }
    return undefined;
  }
}
