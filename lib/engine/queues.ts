import type { Slice } from '../store/store.js';

/** What awaits a drain in one table. The calls come in this order: `snapshot`, `next` to the end, and `release`, or `abandon`. */
export interface Drainable {
  /** Of its table. */
  readonly name: string;

  /** How many rows are dirty. */
  readonly count: number;

  /** Makes all that is dirty now the batch. O(1). */
  snapshot(): void;

  /** The next changes of the batch, as they were at its instant; `undefined` after the last. */
  next(rowsMax: number): Slice | undefined;

  /** After the commit: lets go of up to `max` rows of the batch. Returns whether some of them are left. */
  release(max: number): boolean;

  /** After a failed commit: what the batch had is dirty as before. O(1). */
  abandon(): void;
}

/** A batch of so many rows takes the store about a tenth of a second. */
const LONG_BATCH_ROWS = 65_536;

/** The queues of all tables: what is done with them is done with all, in one turn. */
export class Queues {
  readonly all: Drainable[] = [];

  get count(): number {
    return this.all.reduce((sum, queue) => sum + queue.count, 0);
  }

  /** Whether a batch of all that is dirty takes the store long. */
  get areLong(): boolean {
    return this.count >= LONG_BATCH_ROWS;
  }

  snapshot(): void {
    for (const queue of this.all) queue.snapshot();
  }

  abandon(): void {
    for (const queue of this.all) queue.abandon();
  }
}
