/**
 * Some entries whose keys are neighbours. Those that came since the order was last asked for stand
 * unsorted at the end:
 *
 *     entries  [ in order | as they came ]
 *                0 … sortedCount … count
 *
 * Adding is a push for that reason, and the sort finds most of its work done. Placing each entry
 * where it belongs at once took two to four times as long, for the index's first million as for
 * single entries later.
 */
export class KeyBlock<E extends { readonly key: string }> {
  /** No key of the block is less, nor is one of the block before it as great. */
  readonly low: string;
  readonly #entries: E[];
  #sortedCount: number;

  /** @param entries in order. They are the block's from now on. */
  constructor(low: string, entries: E[]) {
    this.low = low;
    this.#entries = entries;
    this.#sortedCount = entries.length;
  }

  get count(): number {
    return this.#entries.length;
  }

  /** O(1). */
  add(entry: E): void {
    this.#entries.push(entry);
  }

  /** Takes an entry out, if it is there. O(log count) comparisons of keys, O(count) moves. */
  remove(entry: E): void {
    const place = this.#place(entry.key, this.#sortedCount);
    const isSorted = place < this.#sortedCount && this.#entries[place] === entry;
    const index = isSorted ? place : this.#entries.indexOf(entry, this.#sortedCount);
    if (index === -1) return;
    this.#entries.splice(index, 1);
    if (isSorted) this.#sortedCount--;
  }

  /** Every entry, in order. O(1) when none came since the last time, else O(count log count). */
  inOrder(): readonly E[] {
    if (this.#sortedCount < this.#entries.length) {
      this.#entries.sort(byKey);
      this.#sortedCount = this.#entries.length;
    }
    return this.#entries;
  }

  /** How many keys are less than this one, which is where it stands in order. */
  place(key: string): number {
    return this.#place(key, this.inOrder().length);
  }

  /** Two blocks, each with half of the entries, in the place of this one. */
  halves(): [KeyBlock<E>, KeyBlock<E>] {
    const entries = this.inOrder();
    const left = entries.slice(0, entries.length >> 1);
    const right = entries.slice(entries.length >> 1);
    return [new KeyBlock(this.low, left), new KeyBlock((right[0] as E).key, right)];
  }

  /** One block in the place of this one and the next. */
  with(next: KeyBlock<E>): KeyBlock<E> {
    return new KeyBlock(this.low, [...this.inOrder(), ...next.inOrder()]);
  }

  #place(key: string, count: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as E).key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keys are unique: there is no third case. */
function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
