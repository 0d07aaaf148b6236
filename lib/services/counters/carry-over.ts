/** Room for nearly every item there is. */
const BYTES_MIN = 256;

/** A copy of bytes that wait for the next piece to go on with them. */
export class CarryOver {
  readonly #max: number;
  #bytes = new Uint8Array(0);
  #length = 0;

  /** @param max how many bytes it takes at the most. */
  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** All that was added. Valid until something else is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /**
   * Adds the bytes from `start` up to, not including, `end`. O(end - start), amortised.
   *
   * @returns false when there is no room for all, and has then added those that there is room for.
   */
  add(piece: Uint8Array, start: number, end: number): boolean {
    const added = Math.min(end - start, this.#max - this.#length);
    this.#reserve(this.#length + added);
    this.#bytes.set(piece.subarray(start, start + added), this.#length);
    this.#length += added;
    return added === end - start;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length, BYTES_MIN));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
