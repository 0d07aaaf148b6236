/**
 * A first-in first-out queue in a fixed array.
 *
 *   slots   [ c | d |   |   | a | b ]      capacity 6
 *                         head ^            count 4, at(0) is a, at(3) is d
 *
 * It keeps (head, count) and not (head, tail): every slot is usable, and "full" and "empty" are
 * plain comparisons. Every operation is O(1). The array is allocated once, so a push never
 * stalls on growth.
 */
export class RingBuffer<T> {
  readonly capacity: number;
  readonly #slots: (T | undefined)[];
  #head = 0;
  #count = 0;

  /** @param capacity how many items it holds at the most; a positive integer. */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity must be a positive integer, not ${capacity}`);
    }
    this.capacity = capacity;
    this.#slots = new Array<T | undefined>(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds an item at the end. Returns false, and changes nothing, when the buffer is full. */
  push(item: T): boolean {
    if (this.#count === this.capacity) return false;
    this.#slots[this.#slot(this.#count)] = item;
    this.#count++;
    return true;
  }

  /** Removes the oldest item and returns it; `undefined` when the buffer is empty. */
  shift(): T | undefined {
    if (this.#count === 0) return undefined;
    const item = this.#slots[this.#head];
    // The slot lets go of the item, or a drained queue would keep the last ones in memory.
    this.#slots[this.#head] = undefined;
    this.#head = this.#slot(1);
    this.#count--;
    return item;
  }

  /** The item at `index`, counted from the oldest; `undefined` outside 0 … count-1. */
  at(index: number): T | undefined {
    return index >= 0 && index < this.#count ? this.#slots[this.#slot(index)] : undefined;
  }

  #slot(index: number): number {
    const slot = this.#head + index;
    return slot < this.capacity ? slot : slot - this.capacity;
  }
}
