/** Called once: `reached` is false when the time was up before the seq was reached. */
export type Settle = (reached: boolean) => void;

/** Places of those who were told, kept at the line's beginning before it is moved up. */
const TOLD_MIN = 1_024;

/**
 * Those who wait until a watermark has passed a seq, each no longer than its deadline.
 *
 * They stand in a line in the order of their seqs, so that a commit touches those whom it serves
 * and not those who wait for the next one. The line is three arrays instead of one of objects: by
 * the time of a commit an object has left the processor's cache.
 */
export class Waiters {
  #seqs: number[] = [];
  #deadlinesMs: number[] = [];
  #settles: (Settle | undefined)[] = [];
  #head = 0;

  get count(): number {
    return this.#seqs.length - this.#head;
  }

  /** O(1) for the highest seq so far, which is what nearly everyone waits for. */
  add(seq: number, deadlineMs: number, settle: Settle): void {
    let at = this.#seqs.length;
    while (at > this.#head && (this.#seqs[at - 1] as number) > seq) at--;
    if (at === this.#seqs.length) {
      this.#seqs.push(seq);
      this.#deadlinesMs.push(deadlineMs);
      this.#settles.push(settle);
    } else {
      this.#seqs.splice(at, 0, seq);
      this.#deadlinesMs.splice(at, 0, deadlineMs);
      this.#settles.splice(at, 0, settle);
    }
  }

  /** Settles everyone who waits for `seq` or less. O(those). */
  reach(seq: number): void {
    while (this.#head < this.#seqs.length && (this.#seqs[this.#head] as number) <= seq) {
      const settle = this.#settles[this.#head] as Settle;
      this.#settles[this.#head++] = undefined;
      if (this.#head >= TOLD_MIN && this.#head * 2 > this.#seqs.length) this.#moveUp();
      // Whoever is told may come back and wait again.
      settle(true);
    }
  }

  /** Settles everyone whose deadline has passed. O(waiting). */
  expire(nowMs: number): void {
    if (this.count === 0) return;
    this.#moveUp();
    const seqs = this.#seqs;
    const deadlinesMs = this.#deadlinesMs;
    const settles = this.#settles as Settle[];
    const isLate = (_: unknown, i: number) => (deadlinesMs[i] as number) <= nowMs;
    const isInTime = (_: unknown, i: number) => !isLate(_, i);
    this.#seqs = seqs.filter(isInTime);
    this.#deadlinesMs = deadlinesMs.filter(isInTime);
    this.#settles = settles.filter(isInTime);
    for (const settle of settles.filter(isLate)) settle(false);
  }

  #moveUp(): void {
    for (const places of [this.#seqs, this.#deadlinesMs, this.#settles]) places.splice(0, this.#head);
    this.#head = 0;
  }
}
