import type { Columns, Slice } from '../store/store.js';
import { Deletion, type Row, type Table, type Value } from '../store/table.js';
import type { Drainable } from './queues.js';
import { RingBuffer } from './ring-buffer.js';

/** What the queue keeps in an entry. */
export interface Dirtyable {
  /** The generation in which the entry last changed; CLEAN when nothing of it awaits a drain. */
  dirtyIn: number;
}

export const CLEAN = 0;

export interface WriteQueueOptions<E> {
  readonly table: Table;
  /** What is to be written of an entry: its row, in the order of the table's columns, or nothing. */
  readonly change: (entry: E) => Row | Deletion;
  /** Called when what there was of an entry is on disk, and it has not changed since. */
  readonly onClean?: ((entry: E) => void) | undefined;
  /** How many dirty entries it holds at the most. */
  readonly capacity: number;
  /**
   * Called when it is half full: a drain that starts then is likely to make room before anything
   * has to be refused.
   */
  readonly onHighWater: () => void;
}

/**
 * The dirty entries of one table, each exactly once, oldest first.
 *
 * A snapshot of a million entries has to be of one instant and must not stop the thread while it
 * is copied. So it is not copied at once: a snapshot only starts a new *generation*. The entries
 * that were in the queue at that instant are the batch; they are copied slice by slice
 * afterwards, and one that changes before its turn has its old row put aside first. Entries stay
 * in the queue until the batch is committed.
 *
 *     ring  [ batch, copied | batch, not yet copied | dirty since the snapshot ]
 *              0 … copied        … batchCount             … ring.count
 *
 * What `dirtyIn` says:
 *   CLEAN               not in the queue
 *   the generation      in the queue, changed after the last snapshot
 *   an earlier one      in the queue, unchanged since the last snapshot
 */
export class WriteQueue<E extends Dirtyable> implements Drainable {
  readonly #table: Table;
  readonly #change: (entry: E) => Row | Deletion;
  readonly #onClean: ((entry: E) => void) | undefined;
  readonly #ring: RingBuffer<E>;
  readonly #highWater: number;
  readonly #onHighWater: () => void;
  #generation = 1;
  /** How many of the oldest entries belong to the batch that is being written. */
  #batchCount = 0;
  #copied = 0;
  /** What batch entries were before they changed, if that was before they were copied. */
  readonly #putAside = new Map<E, Row | Deletion>();

  constructor(options: WriteQueueOptions<E>) {
    this.#table = options.table;
    this.#change = options.change;
    this.#onClean = options.onClean;
    this.#ring = new RingBuffer(options.capacity);
    this.#highWater = Math.ceil(options.capacity / 2);
    this.#onHighWater = options.onHighWater;
  }

  /** Of its table. */
  get name(): string {
    return this.#table.name;
  }

  get count(): number {
    return this.#ring.count;
  }

  get capacity(): number {
    return this.#ring.capacity;
  }

  /** How many entries that are not in it can still enter. */
  get room(): number {
    return this.#ring.capacity - this.#ring.count;
  }

  /**
   * To be called *before* an entry changes. O(1).
   *
   * @returns false when the entry must not change, as the queue is full and it is not in it.
   */
  admit(entry: E): boolean {
    return entry.dirtyIn === this.#generation || this.#enter(entry);
  }

  /**
   * The same for what is found to be changed while tables are loaded: where it would start a drain,
   * it is refused.
   */
  admitWhileLoading(entry: E): boolean {
    return this.#ring.count + 1 < this.#highWater && this.#enter(entry);
  }

  #enter(entry: E): boolean {
    if (entry.dirtyIn === CLEAN) {
      if (!this.#ring.push(entry)) return false;
      if (this.#ring.count >= this.#highWater) this.#onHighWater();
    } else if (this.#copied < this.#batchCount) {
      // It is in the batch and may not be copied yet. If it is, this costs a Map entry, no more.
      this.#putAside.set(entry, this.#change(entry));
    }
    entry.dirtyIn = this.#generation;
    return true;
  }

  /** Makes all that is in the queue now the batch. O(1). */
  snapshot(): void {
    this.#batchCount = this.#ring.count;
    this.#copied = 0;
    // 2^30 keeps it a small integer. It comes round only after as many drains, and an entry that
    // is still in the queue then would have to have failed in every one of them.
    this.#generation = (this.#generation % 2 ** 30) + 1;
  }

  /** The next changes of the batch, as they were at its instant; `undefined` after the last. */
  next(entriesMax: number): Slice | undefined {
    const count = Math.min(entriesMax, this.#batchCount - this.#copied);
    if (count === 0) return undefined;
    const columns: Value[][] = this.#table.columns.map(() => []);
    const deleted: Value[][] = this.#table.key.map(() => []);
    for (let i = 0; i < count; i++) {
      const entry = this.#ring.at(this.#copied + i) as E;
      const change = this.#putAside.get(entry) ?? this.#change(entry);
      if (change instanceof Deletion) append(deleted, change.key);
      else append(columns, change);
    }
    this.#copied += count;
    if (this.#copied === this.#batchCount) this.#putAside.clear();
    return { table: this.#table.name, ...withLength(columns), deleted: withLength(deleted) };
  }

  /**
   * After the commit: takes up to `max` entries of the batch out of the queue. Those that changed
   * meanwhile go to its end. Returns whether some of the batch are left.
   */
  release(max: number): boolean {
    const length = Math.min(max, this.#batchCount);
    for (let i = 0; i < length; i++) {
      const entry = this.#ring.shift() as E;
      if (entry.dirtyIn === this.#generation) {
        this.#ring.push(entry);
      } else {
        entry.dirtyIn = CLEAN;
        this.#onClean?.(entry);
      }
    }
    this.#batchCount -= length;
    this.#copied = this.#batchCount;
    return this.#batchCount > 0;
  }

  /** After a failed commit: the batch is an ordinary part of the queue again. O(1). */
  abandon(): void {
    this.#batchCount = 0;
    this.#copied = 0;
    this.#putAside.clear();
  }
}

function append(columns: readonly Value[][], row: Row): void {
  for (let c = 0; c < columns.length; c++) (columns[c] as Value[]).push(row[c] as Value);
}

function withLength(columns: readonly Value[][]): Columns {
  return { length: columns[0]?.length ?? 0, columns };
}
