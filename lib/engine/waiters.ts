/** Called once: `reached` is false when the time was up before the seq was reached. */
export type Settle = (reached: boolean) => void;

interface Waiting {
  readonly seq: number;
  readonly deadlineMs: number;
  readonly settle: Settle;
}

/** Slots of those who were told, kept at the line's beginning before it is moved up. */
const TOLD_MIN = 1_024;

/**
 * Those who wait until a watermark has passed a seq, each no longer than its deadline.
 *
 * They stand in a line in the order of their seqs, so that a commit touches those whom it serves
 * and not those who wait for the next one.
 */
export class Waiters {
  #line: (Waiting | undefined)[] = [];
  #head = 0;

  get count(): number {
    return this.#line.length - this.#head;
  }

  /** O(1) for the highest seq so far, which is what nearly everyone waits for. */
  add(seq: number, deadlineMs: number, settle: Settle): void {
    const line = this.#line;
    line.push({ seq, deadlineMs, settle });
    for (let at = line.length - 1; at > this.#head; at--) {
      const before = line[at - 1] as Waiting;
      if (before.seq <= seq) return;
      line[at - 1] = line[at];
      line[at] = before;
    }
  }

  /** Settles everyone who waits for `seq` or less. O(those). */
  reach(seq: number): void {
    for (;;) {
      const first = this.#line[this.#head];
      if (first === undefined || first.seq > seq) return;
      this.#line[this.#head++] = undefined;
      if (this.#head >= TOLD_MIN && this.#head * 2 > this.#line.length) this.#moveUp();
      // Whoever is told may come back and wait again.
      first.settle(true);
    }
  }

  /** Settles everyone whose deadline has passed. O(waiting). */
  expire(nowMs: number): void {
    if (this.count === 0) return;
    this.#moveUp();
    const line = this.#line as Waiting[];
    this.#line = line.filter((waiting) => waiting.deadlineMs > nowMs);
    for (const waiting of line) if (waiting.deadlineMs <= nowMs) waiting.settle(false);
  }

  #moveUp(): void {
    this.#line.splice(0, this.#head);
    this.#head = 0;
  }
}
