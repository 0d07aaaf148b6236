import type { Problem } from '../../http/problem.js';
import { ITEM_BYTES_MAX } from './batch-item.js';
import type { Batch, BatchReader } from './batch-reader.js';
import { CarryOver } from './carry-over.js';
import { NOT_PLAIN } from './plain-scanner.js';

/** How records are read, and the batch that they are read into. */
export interface RecordFormat {
  readonly batch: Batch;
  /** The byte behind every record; behind the last one it may be missing. */
  readonly separator: number;
  /**
   * Reads a plain record, as most are, with its separator.
   *
   * @returns where the next one begins; NOT_PLAIN, and nothing was read, where there is anything else.
   */
  readPlain(bytes: Uint8Array, at: number): number;
  /** Reads any record, without its separator. */
  read(record: Uint8Array): Problem | undefined;
  /** What is wrong with a record that is too long and begins with these bytes. */
  tooLong(beginning: Uint8Array): Problem;
}

/** Reads a batch of records that are separated by a byte. */
export class RecordReader implements BatchReader {
  readonly #format: RecordFormat;
  /** The record that the pieces so far have not ended. */
  readonly #carry = new CarryOver(ITEM_BYTES_MAX);

  constructor(format: RecordFormat) {
    this.#format = format;
  }

  push(piece: Uint8Array): Problem | undefined {
    const format = this.#format;
    for (let at = 0; at < piece.length; ) {
      const next = this.#carry.isEmpty ? format.readPlain(piece, at) : NOT_PLAIN;
      if (next !== NOT_PLAIN) {
        at = next;
        continue;
      }
      const end = piece.indexOf(format.separator, at);
      if (!this.#carry.add(piece, at, end === -1 ? piece.length : end)) return format.tooLong(this.#carry.bytes);
      if (end === -1) return undefined;
      const problem = format.read(this.#carry.bytes);
      if (problem !== undefined) return problem;
      this.#carry.clear();
      at = end + 1;
    }
    return undefined;
  }

  end(): Batch | Problem {
    return this.#format.read(this.#carry.bytes) ?? this.#format.batch;
  }
}
