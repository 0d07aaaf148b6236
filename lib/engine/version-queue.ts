import type { Slice } from '../store/store.js';
import type { Table, Value } from '../store/table.js';
import type { Drainable } from './queues.js';

/** What the rows of a table are from one instant on. It does not change until it is on disk. */
export interface Version {
  /** How many rows it has. No two of them have the same key. */
  readonly length: number;
  /**
   * Rows `from` up to, not including, `to`, column by column in the order of the table. They are
   * sent to another thread: the array of a column has these values and no other memory behind it.
   */
  columns(from: number, to: number): readonly ArrayLike<Value>[];
}

export interface VersionQueueOptions {
  readonly table: Table;
  /** Called when the version is on disk: from now on there is room for another. */
  readonly onWritten: () => void;
}

/**
 * The dirty rows of a table that changes as a whole.
 *
 * A million rows that all change at one instant would be a million entries in a write queue, each
 * pushed, copied and released, and an object each. Here they are one version, which its owner
 * leaves as it is until it is on disk: so a snapshot copies nothing, a release is one assignment,
 * and there is never more than one version. That is the bound of this queue; `--queue-size` has
 * nothing to do with it.
 */
export class VersionQueue implements Drainable {
  readonly #table: Table;
  readonly #onWritten: () => void;
  #version: Version | undefined;
  /** The version, where it is in the batch that is being written. */
  #inBatch: Version | undefined;
  #copied = 0;

  constructor({ table, onWritten }: VersionQueueOptions) {
    this.#table = table;
    this.#onWritten = onWritten;
  }

  get name(): string {
    return this.#table.name;
  }

  get count(): number {
    return this.#version?.length ?? 0;
  }

  /** Whether a version can be put: the one before is on disk. */
  get hasRoom(): boolean {
    return this.#version === undefined;
  }

  /** @throws Error when there is no room: whoever makes versions has to ask before. */
  put(version: Version): void {
    if (!this.hasRoom) throw new Error(`a version of ${this.#table.name} is not on disk yet`);
    this.#version = version;
  }

  snapshot(): void {
    this.#inBatch = this.#version;
    this.#copied = 0;
  }

  next(rowsMax: number): Slice | undefined {
    const left = (this.#inBatch?.length ?? 0) - this.#copied;
    if (this.#inBatch === undefined || left === 0) return undefined;
    const from = this.#copied;
    const length = Math.min(rowsMax, left);
    this.#copied += length;
    const deleted = { length: 0, columns: this.#table.key.map(() => []) };
    return { table: this.#table.name, length, columns: this.#inBatch.columns(from, this.#copied), deleted };
  }

  release(): boolean {
    if (this.#inBatch === undefined) return false;
    this.#inBatch = undefined;
    this.#version = undefined;
    this.#onWritten();
    return false;
  }

  abandon(): void {
    this.#inBatch = undefined;
    this.#copied = 0;
  }
}
