import type { Batch, Slice } from '../store/store.js';
import type { Drainable } from './queues.js';

/** Entries taken out of a queue in one turn after a commit: a fraction of a millisecond. */
const RELEASE_MAX = 4_096;

/** A snapshot of the queues, or of none of them where only the ceiling is to be raised. */
export class QueueBatch implements Batch {
  readonly seq: number;
  readonly queues: readonly Drainable[];
  readonly seal: () => number;
  rows = 0;
  #queue = 0;

  constructor(seq: number, queues: readonly Drainable[], seal: () => number) {
    this.seq = seq;
    this.queues = queues;
    this.seal = seal;
  }

  /** After the commit: takes a turn's worth of it out of its queues. Returns whether that was all. */
  release(): boolean {
    return !this.queues.map((queue) => queue.release(RELEASE_MAX)).includes(true);
  }

  next(rowsMax: number): Slice | undefined {
    for (; this.#queue < this.queues.length; this.#queue++) {
      const slice = this.queues[this.#queue]?.next(rowsMax);
      if (slice !== undefined) {
        this.rows += slice.length + slice.deleted.length;
        return slice;
      }
    }
    return undefined;
  }
}

/** A batch on its way. */
export interface Flight {
  readonly batch: QueueBatch;
  /** Resolves when it is on disk, with nothing; or with the reason why it is not. */
  readonly landed: Promise<Error | undefined>;
  readonly startMs: number;
}
