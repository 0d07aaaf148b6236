import { setImmediate as nextTurn } from 'node:timers/promises';

export interface SlicesOptions {
  /** How long one slice may take, in milliseconds. */
  readonly sliceMs?: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs?: () => number;
  /** Resolves in a later turn of the event loop, when input and output had theirs. */
  readonly turn?: () => Promise<void>;
}

/** With what the last step of a slice takes too long, the thread still stops for about 5 ms. */
const SLICE_MS = 4;

/** Items between two looks at the clock: less than a tenth of a millisecond where each is quick. */
const LOOK_EVERY = 64;

/**
 * Long work done in slices, so that the thread never stops for long: one slice a turn, whoever
 * has work to do. Two who each waited for a turn of their own would both be served in the same
 * one, and the thread would stop for two slices; so those who share a `Slices` stand in a line.
 */
export class Slices {
  readonly #sliceMs: number;
  readonly #nowMs: () => number;
  readonly #turn: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #endMs = 0;

  constructor({ sliceMs = SLICE_MS, nowMs = () => performance.now(), turn = nextTurn }: SlicesOptions = {}) {
    this.#sliceMs = sliceMs;
    this.#nowMs = nowMs;
    this.#turn = turn;
  }

  /** Resolves at the beginning of a slice that is the caller's. First come, first served. */
  next(): Promise<void> {
    this.#last = this.#last.then(this.#turn).then(() => {
      this.#endMs = this.#nowMs() + this.#sliceMs;
    });
    return this.#last;
  }

  /** Whether the caller's slice has used up its time. A look at the clock. */
  get isOver(): boolean {
    return this.#nowMs() >= this.#endMs;
  }

  /** Does a step for each item. Rejects with what `step` throws, and ends there. */
  async each<T>(items: Iterable<T>, step: (item: T) => void): Promise<void> {
    await this.next();
    let count = 0;
    for (const item of items) {
      step(item);
      if (++count % LOOK_EVERY === 0 && this.isOver) await this.next();
    }
  }
}
