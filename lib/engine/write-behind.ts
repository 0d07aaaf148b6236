import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store, StoreState } from '../store/store.js';
import { Ceiling } from './ceiling.js';
import { Outage } from './outage.js';
import { PendingAge } from './pending-age.js';
import { type Flight, QueueBatch } from './queue-batch.js';
import { type Drainable, Queues } from './queues.js';
import { type Settle, Waiters } from './waiters.js';
import type { WriteBehindOptions } from './write-behind-options.js';
import type { DrainReport, WriteBehindStatus } from './write-behind-status.js';
import { type Dirtyable, WriteQueue, type WriteQueueOptions } from './write-queue.js';

/** How often deadlines are looked at: nobody waits longer than its deadline and this. */
const SWEEP_MS = 100;

/** The part of those who wait that a batch must have, to be handed over before the others' replies. */
const GATHERED_MIN = 1 / 3;

/**
 * Writes behind: it numbers the writes, has what is dirty drained into the store, and knows what
 * is on disk.
 *
 * A write is acknowledged from memory only below the ceiling that is on disk (see ceiling.ts), which is above
 * `durableSeq` only while something is pending: the first write after a quiet interval pays for it with one
 * small commit. While the store fails it can't be raised, and writes are acknowledged all the same.
 */
export class WriteBehind {
  readonly #store: Store;
  readonly #intervalMs: number;
  readonly #waitMs: number;
  readonly #queueCapacity: number;
  readonly #nowMs: () => number;
  readonly #queues = new Queues();
  readonly #ceiling: Ceiling;
  readonly #pendingAge: PendingAge;

  #seq = 0;
  #durableSeq = 0;
  #acknowledgedSeq = 0;
  /** The highest write that asked for a higher ceiling. */
  #raiseToSeq = 0;

  readonly #untilDurable = new Waiters();
  readonly #untilAcknowledged = new Waiters();

  #committing: Promise<void> | undefined;
  #drainWanted = false;
  #raiseWanted = false;
  #lastDrain: DrainReport | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;

  readonly #outage: Outage;
  readonly #onDrain: WriteBehindOptions['onDrain'];

  constructor(options: WriteBehindOptions) {
    this.#store = options.store;
    this.#intervalMs = options.intervalMs;
    this.#waitMs = options.waitMs;
    this.#queueCapacity = options.queueCapacity;
    this.#nowMs = options.nowMs;
    this.#outage = new Outage(options.onStoreChange);
    this.#onDrain = options.onDrain;
    this.#ceiling = new Ceiling(options);
    this.#pendingAge = new PendingAge(options.nowMs);
  }

  /** Adds a table: its entries are written from now on, in the same batches as all others'. */
  queue<E extends Dirtyable>(options: Pick<WriteQueueOptions<E>, 'table' | 'change' | 'onClean'>): WriteQueue<E> {
    const queue = new WriteQueue({ ...options, capacity: this.#queueCapacity, onHighWater: () => this.drain() });
    this.add(queue);
    return queue;
  }

  /** The same for a table with a queue of another kind. */
  add(queue: Drainable): void {
    this.#queues.all.push(queue);
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
    this.#pendingAge.start(last);
    this.#ceiling.start(last);
    this.#drainTimer = setInterval(() => {
      if (this.#queues.count > 0) this.drain();
    }, this.#intervalMs);
    this.#sweepTimer = setInterval(() => {
      for (const waiters of [this.#untilDurable, this.#untilAcknowledged]) waiters.expire(this.#nowMs());
    }, SWEEP_MS);
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
    this.#outage.stop();
    if (this.#seq > this.#durableSeq) return false;
    while (this.#committing !== undefined) await this.#committing;
    return true;
  }

  status(): WriteBehindStatus {
    return {
      seq: this.#seq,
      durableSeq: this.#durableSeq,
      queued: this.#queues.count,
      oldestPendingMs: this.#pendingAge.oldestMs(this.#seq),
      lastDrain: this.#lastDrain,
      store: this.#outage.isOn ? 'failing' : 'ok',
      stalled: this.#pendingAge.isLate(this.#seq, this.#intervalMs),
    };
  }

  get queues(): readonly Pick<Drainable, 'name' | 'count'>[] {
    return this.#queues.all;
  }

  /** How many dirty entries each queue holds at the most. */
  get queueCapacity(): number {
    return this.#queueCapacity;
  }

  /** The last write. */
  get seq(): number {
    return this.#seq;
  }

  get waiting(): number {
    return this.#untilDurable.count + this.#untilAcknowledged.count;
  }

  /** Numbers a write that is being made. Its entries have been admitted to their queues before. */
  stamp(): number {
    this.#pendingAge.write(this.#seq);
    return ++this.#seq;
  }

  /** Whether a write may be acknowledged from memory now; if not, `whenAcknowledged` tells when. */
  acknowledge(seq: number): boolean {
    if (seq > this.#ceiling.freeUpToSeq && !this.#mayPass(seq)) return false;
    if (seq > this.#acknowledgedSeq) this.#acknowledgedSeq = seq;
    return true;
  }

  /** The ceiling is near: it is raised in the background. Or it is reached: then at once. */
  #mayPass(seq: number): boolean {
    if (this.#outage.isOn) return true;
    if (seq > this.#ceiling.seq) {
      const isFirst = this.#untilAcknowledged.count === 0;
      if (isFirst && this.#ceiling.raise(seq)) return true;
      this.#raiseToSeq = seq;
    }
    this.#raiseWanted = true;
    this.#commitSoon();
    return seq <= this.#ceiling.seq;
  }

  /**
   * Calls back when a write may be acknowledged from memory: when the ceiling has been raised above it or it
   * is on disk, or as soon as the store turns out to fail; after `waitMs` at the latest.
   */
  whenAcknowledged(seq: number, done: () => void): void {
    this.#untilAcknowledged.add(seq, this.#nowMs() + this.#waitMs, (reached) => {
      if (!reached) this.#outage.hangs();
      this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
      done();
    });
  }

  /** Calls back when every write up to `seq` is on disk, or, with false, after `waitMs`. */
  whenDurable(seq: number, settle: Settle): void {
    if (seq <= this.#durableSeq) return settle(true);
    this.#untilDurable.add(seq, this.#nowMs() + this.#waitMs, settle);
    this.drain();
    this.#store.look();
  }

  /** Has all that is written by now drained: at once, or after the commit under way; while the store fails, by a retry. */
  drain(): void {
    this.#drainWanted = true;
    this.#commitSoon();
  }

  #commitSoon(): void {
    if (this.#committing === undefined && !this.#outage.isPausing) this.#committing = this.#commits();
  }

  /** One commit after the other for as long as one is wanted. At most one of these loops runs. */
  async #commits(): Promise<void> {
    // Whatever else comes in with this turn goes along: that is the group commit.
    await nextTurn();
    for (let flight: Flight | undefined = this.#depart(); flight !== undefined; ) {
      const error = await flight.landed;
      if (error !== undefined) {
        this.#failed(flight, error);
        break;
      }
      this.#committed(flight);
      flight = await this.#goOn(flight.batch);
    }
    this.#committing = undefined;
    // Who was just told may have asked again, before this could be seen to have ended.
    if (this.#drainWanted || this.#raiseWanted) this.#commitSoon();
  }

  /** Hands a batch to the store. */
  #depart(): Flight {
    const startMs = this.#nowMs();
    const batch = this.#drainWanted ? this.#snapshot() : this.#batch(this.#durableSeq, []);
    const landed = this.#store.commit(batch).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    return { batch, landed, startMs };
  }

  /**
   * After a commit: takes its entries out of the queues; hands over the next batch, as it is another thread that
   * writes it, if enough has gathered, as many small commits take longer than few large ones; and settles those who
   * waited. The replies have a turn of their own: in a request's, where `look` may have led here, a transport can't
   * bundle them.
   */
  async #goOn(batch: QueueBatch): Promise<Flight | undefined> {
    const isWanted = () => this.#drainWanted || this.#raiseWanted;
    let isReleased = batch.release();
    const hasGathered = GATHERED_MIN * this.#untilDurable.count <= this.#seq - batch.seq;
    let next = isReleased && hasGathered && isWanted() ? this.#depart() : undefined;
    await nextTurn();
    this.#untilDurable.reach(this.#durableSeq);
    this.#untilAcknowledged.reach(Math.max(this.#durableSeq, this.#ceiling.seq));
    while (!isReleased) {
      await nextTurn();
      isReleased = batch.release();
    }
    if (next === undefined && isWanted()) {
      await nextTurn();
      next = this.#depart();
    }
    return next;
  }

  /** All tables at one instant. O(tables): the rows are copied later, see write-queue.ts. */
  #snapshot(): QueueBatch {
    this.#drainWanted = false;
    // In the middle of a batch the store raises nothing: whoever meets the ceiling in a long one waits for its end.
    if (this.#queues.areLong && !this.#outage.isOn) this.#ceiling.raise(this.#seq);
    this.#queues.snapshot();
    this.#pendingAge.snapshot(this.#seq);
    return this.#batch(this.#seq, this.#queues.all);
  }

  #batch(seq: number, queues: readonly Drainable[]): QueueBatch {
    return new QueueBatch(seq, queues, () => {
      this.#raiseWanted = false;
      return this.#ceiling.seal(seq, this.#seq, Math.max(this.#acknowledgedSeq, this.#raiseToSeq) > seq);
    });
  }

  #committed({ batch, startMs }: Flight): void {
    this.#ceiling.committed(this.#nowMs() - startMs);
    this.#durableSeq = batch.seq;
    // Whoever asked while a raise was under way has it. While the store failed, writes were acknowledged above the ceiling.
    if (Math.max(this.#acknowledgedSeq, this.#raiseToSeq) <= this.#ceiling.freeUpToSeq) this.#raiseWanted = false;
    else if (this.#acknowledgedSeq > this.#ceiling.seq) this.#raiseWanted = true;
    if (batch.queues.length > 0) {
      this.#pendingAge.committed();
      this.#lastDrain = { at: new Date(), rows: batch.rows, ms: this.#nowMs() - startMs };
      this.#onDrain?.(this.#lastDrain);
    }
    this.#outage.committed();
  }

  /** Nothing is lost: the entries are still in their queues, and a new snapshot takes them again. */
  #failed({ batch, startMs }: Flight, error: Error): void {
    if (batch.queues.length > 0) this.#onDrain?.({ error, ms: this.#nowMs() - startMs });
    this.#queues.abandon();
    this.#outage.failed(error, () => this.drain());
    this.#untilAcknowledged.reach(Number.POSITIVE_INFINITY);
  }
}
