/** What the heap reads of an entry, and what it keeps in it. */
export interface Expiring {
  /** When it expires. While the entry is in the heap, a change must be followed by a `push` at once. */
  expiresMs: number;
  /** Its place in the heap, which is the heap's to write; NOT_IN_HEAP at the beginning. */
  heapIndex: number;
}

export const NOT_IN_HEAP = -1;

/**
 * Entries by the time at which they expire, the next one first: a binary heap in an array.
 *
 *              0            no entry expires before the one above it, its parent:
 *            1   2          the parent of i is at (i - 1) / 2, rounded down,
 *           3 4 5           its children are at 2i + 1 and 2i + 2
 *
 * Each entry knows its place. It can so be moved or taken out when its time changes, and nothing
 * stale stays behind, however often a time is put off. An entry is in one heap at the most.
 */
export class ExpiryHeap<E extends Expiring> {
  readonly #entries: E[] = [];

  get count(): number {
    return this.#entries.length;
  }

  /** The entry that expires next; `undefined` when there is none. O(1). */
  first(): E | undefined {
    return this.#entries[0];
  }

  /** Adds an entry; or moves it to its new place, when its time has changed. O(log n). */
  push(entry: E): void {
    if (entry.heapIndex === NOT_IN_HEAP) entry.heapIndex = this.#entries.push(entry) - 1;
    this.#sink(entry, this.#rise(entry, entry.heapIndex));
  }

  /** Takes an entry out, wherever it stands; does nothing when it is not in the heap. O(log n). */
  remove(entry: E): void {
    const index = entry.heapIndex;
    if (index === NOT_IN_HEAP) return;
    entry.heapIndex = NOT_IN_HEAP;
    const last = this.#entries.pop() as E;
    // The last one fills the hole. It comes from elsewhere, and may have to go either way.
    if (last !== entry) this.#sink(last, this.#rise(last, index));
  }

  /** Finds the place for an entry at `index` or above it. Those that it passes move down. */
  #rise(entry: E, index: number): number {
    let at = index;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#entries[parentAt] as E;
      if (parent.expiresMs <= entry.expiresMs) break;
      this.#put(parent, at);
      at = parentAt;
    }
    return at;
  }

  /** Puts an entry at `index` or below it. Those that it passes move up. */
  #sink(entry: E, index: number): void {
    const count = this.#entries.length;
    let at = index;
    for (let childAt = 2 * at + 1; childAt < count; childAt = 2 * at + 1) {
      const left = this.#entries[childAt] as E;
      const right = this.#entries[childAt + 1];
      const isRight = right !== undefined && right.expiresMs < left.expiresMs;
      const child = isRight ? right : left;
      if (child.expiresMs >= entry.expiresMs) break;
      this.#put(child, at);
      at = isRight ? childAt + 1 : childAt;
    }
    this.#put(entry, at);
  }

  #put(entry: E, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }
}
