import type { Int64 } from '../../engine/int64.js';
import type { Problem } from '../../http/problem.js';

/**
 * Increments that are made together. Two arrays and no object per item: a body of 16 MiB has room
 * for a million.
 */
export interface Batch {
  readonly keys: string[];
  /** What is to be added to the counter of the key at the same place. */
  readonly bys: Int64[];
}

/**
 * Reads the body of a batch, as it comes in. The body may be cut into pieces at any byte; it makes
 * no difference where. Once either method has returned a problem, neither is called again.
 */
export interface BatchReader {
  /**
   * Takes the next piece of the body.
   *
   * @param piece valid only during the call.
   */
  push(piece: Uint8Array): Problem | undefined;

  /** The body has ended. What was read; a body without items is a batch without items. */
  end(): Batch | Problem;
}
