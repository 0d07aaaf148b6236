/** How many keys it remembers at the most. */
const KEYS_MAX = 65_536;

/** That a counter changed in a write. */
export class Change {
  readonly key: string;
  readonly seq: number;
  /** Its place in the log: each change has one of its own, and a higher one than those before it. */
  readonly place: number;

  constructor(key: string, seq: number, place: number) {
    this.key = key;
    this.seq = seq;
    this.place = place;
  }
}

/**
 * Which counters changed last, and in which write: for those who follow, and those who come back
 * after a while. What counts is the last change of each key:
 *
 *     … forgotten …  horizon | settled, in the order of the writes | fresh, since the last `settle`
 *
 * As long as nobody follows it is off, and a write pays a comparison for it; else 50 ns.
 */
export class ChangeLog {
  readonly #keysMax: number;
  #isActive = false;
  #horizon = 0;
  #settledSeq = 0;
  #lastPlace = 0;
  #fresh = new Map<string, number>();
  /** Earlier changes of a key stay among the others until half of all are such; and so do forgotten ones. */
  #settled: Change[] = [];
  readonly #last = new Map<string, Change>();
  /** How many of the oldest need not be looked at again to forget one more. */
  #forgotten = 0;

  constructor(keysMax = KEYS_MAX) {
    this.#keysMax = keysMax;
  }

  /** Whether changes have to be told. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Every change of a later write is in it. */
  get horizon(): number {
    return this.#horizon;
  }

  /** Every change up to this write, and none of a later one, is settled or forgotten. */
  get settledSeq(): number {
    return this.#settledSeq;
  }

  /** @param seq the last write so far. */
  start(seq: number): void {
    this.#isActive = true;
    this.#horizon = seq;
    this.#settledSeq = seq;
  }

  stop(): void {
    this.#isActive = false;
    this.#forgetAll();
  }

  /** Takes in a change, in the order of the writes. O(1). */
  changed(key: string, seq: number): void {
    // Taken out first, so that it stands at the end.
    this.#fresh.delete(key);
    this.#fresh.set(key, seq);
    if (this.#fresh.size <= this.#keysMax) return;
    // More at once than it can remember: whoever follows has to look at everything anew.
    this.#horizon = seq;
    this.#forgetAll();
  }

  #forgetAll(): void {
    this.#fresh.clear();
    this.#settled = [];
    this.#last.clear();
    this.#forgotten = 0;
  }

  /**
   * What changed since the last time, in the order of the writes. O(those), on average.
   *
   * @param seq the last write so far.
   * @param ownText the text of a key that may be kept: what a write names it by may be a slice of a
   *   request's body, and would keep all of that.
   */
  settle(seq: number, ownText: (key: string) => string): readonly Change[] {
    const changes = Array.from(this.#fresh, ([key, seq]) => new Change(ownText(key), seq, ++this.#lastPlace));
    this.#fresh.clear();
    this.#settledSeq = seq;
    for (const change of changes) {
      this.#settled.push(change);
      this.#last.set(change.key, change);
    }
    this.#forgetOldest();
    this.#sweep();
    return changes;
  }

  #forgetOldest(): void {
    for (; this.#last.size > this.#keysMax; this.#forgotten++) {
      const change = this.#settled[this.#forgotten] as Change;
      if (!this.#isLast(change)) continue;
      this.#last.delete(change.key);
      this.#horizon = change.seq;
    }
  }

  #sweep(): void {
    if (this.#settled.length <= 2 * this.#last.size) return;
    this.#settled = this.#settled.filter((change) => this.#isLast(change));
    this.#forgotten = 0;
  }

  #isLast(change: Change): boolean {
    return this.#last.get(change.key) === change;
  }

  /**
   * What is settled and changed after a write, and after a place in it; in the order of the writes.
   * No turn may pass before the last of them is taken. O(log keys), and those.
   *
   * @param seq not below the horizon.
   */
  *after(seq: number, place: number): Generator<Change, void, undefined> {
    const settled = this.#settled;
    let low = 0;
    let high = settled.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = settled[middle] as Change;
      if (change.seq > seq && change.place > place) high = middle;
      else low = middle + 1;
    }
    for (; low < settled.length; low++) {
      const change = settled[low] as Change;
      if (this.#isLast(change)) yield change;
    }
  }
}
