import type { Store } from '../store/store.js';

/**
 * How far a raised ceiling stands above the last write: what an interval and a commit as long as
 * the last one hold, and a quarter more, at the higher of the last two rates that were seen; where
 * there was none, the minimum. The last eighth asks for the next raise. A steady load so never
 * meets its ceiling: each interval's drain raises it in time.
 */
const ALLOWANCE = 1.25;
const ALLOWANCE_MIN = 1_024;
const RAISE_BEFORE = 1 / 8;

/**
 * How long the thread may be stopped for a raise of the ceiling: one small commit. Replying later
 * would be as right, and is what happens beyond this time; but uWebSockets.js then closes a
 * connection on which the next request comes in, and so ends clients that pipeline.
 */
const RAISE_MS_MAX = 10;

/** A rate is taken over this part of an interval at the least: a burst of a millisecond is no rate. */
const RATE_SPAN_MIN = 1 / 20;

export interface CeilingOptions {
  readonly store: Pick<Store, 'raise'>;
  /** From one drain to the next, in milliseconds. */
  readonly intervalMs: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs: () => number;
}

/**
 * The seq that no acknowledged write exceeds, as the store has it on disk.
 *
 *     … on disk …  durableSeq | … in memory …  seq | … may be acknowledged …  ceiling |
 *
 * After a crash, `ceiling - durableSeq` is therefore an upper bound of the acknowledged writes
 * that are lost, after a power cut as well, and numbering goes on above the ceiling.
 *
 * A new ceiling is *sealed* into a batch. From then until the batch is committed nobody knows
 * which of the two is on disk, so the lower one is in force. When the commit fails it stays so.
 */
export class Ceiling {
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  readonly #store: Pick<Store, 'raise'>;
  #seq = 0;
  #freeUpToSeq = 0;
  #sealed = { seq: 0, freeUpToSeq: 0 };
  #lastSeq = 0;
  #lastMs = 0;
  #lastPerMs = 0;
  #commitMs = 0;

  constructor({ intervalMs, nowMs, store }: CeilingOptions) {
    this.#intervalMs = intervalMs;
    this.#nowMs = nowMs;
    this.#store = store;
  }

  /** @param seq the ceiling on disk. */
  start(seq: number): void {
    this.#seq = seq;
    this.#freeUpToSeq = seq;
    this.#lastSeq = seq;
    this.#lastMs = this.#nowMs();
  }

  /** In force now. */
  get seq(): number {
    return this.#seq;
  }

  /** Below the ceiling; from here on up it wants to be raised. */
  get freeUpToSeq(): number {
    return this.#freeUpToSeq;
  }

  /**
   * The ceiling to commit with a batch that reaches `batchSeq`.
   *
   * @param lastSeq the last write so far.
   * @param live whether a write above `batchSeq` was acknowledged from memory, or waits for that.
   *   If not, everything acknowledged is on disk with the batch, and the ceiling comes down to it.
   */
  seal(batchSeq: number, lastSeq: number, live: boolean): number {
    this.#sealed = live ? this.#above(lastSeq) : { seq: batchSeq, freeUpToSeq: batchSeq };
    this.#seq = Math.min(this.#seq, this.#sealed.seq);
    this.#freeUpToSeq = Math.min(this.#freeUpToSeq, this.#sealed.freeUpToSeq);
    return this.#sealed.seq;
  }

  /** The batch with the sealed ceiling is on disk, so long after its instant. */
  committed(tookMs: number): void {
    this.#commitMs = tookMs;
    this.#putUp();
  }

  #putUp(): void {
    this.#seq = this.#sealed.seq;
    this.#freeUpToSeq = this.#sealed.freeUpToSeq;
  }

  /**
   * Puts the ceiling above `lastSeq` at once, where the store can have that on disk before it returns.
   * What was sealed before is on disk before it, or never will be.
   */
  raise(lastSeq: number): boolean {
    const raised = this.#above(lastSeq);
    if (!this.#store.raise(raised.seq, RAISE_MS_MAX)) return false;
    this.#sealed = raised;
    this.#putUp();
    return true;
  }

  #above(lastSeq: number): { readonly seq: number; readonly freeUpToSeq: number } {
    const allowance = this.#allowance(lastSeq);
    const seq = lastSeq + allowance;
    return { seq, freeUpToSeq: seq - Math.floor(allowance * RAISE_BEFORE) };
  }

  #allowance(lastSeq: number): number {
    const nowMs = this.#nowMs();
    const spanMs = Math.max(nowMs - this.#lastMs, this.#intervalMs * RATE_SPAN_MIN);
    const perMs = (lastSeq - this.#lastSeq) / spanMs;
    const higherPerMs = Math.max(perMs, this.#lastPerMs);
    this.#lastSeq = lastSeq;
    this.#lastMs = nowMs;
    this.#lastPerMs = perMs;
    return Math.max(ALLOWANCE_MIN, Math.ceil(higherPerMs * (this.#intervalMs + this.#commitMs) * ALLOWANCE));
  }
}
