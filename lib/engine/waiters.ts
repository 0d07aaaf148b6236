/** Called once: `reached` is false when the time was up before the seq was reached. */
export type Settle = (reached: boolean) => void;

interface Waiting {
  readonly seq: number;
  readonly deadlineMs: number;
  readonly settle: Settle;
}

/** Those who wait until a watermark has passed a seq, each no longer than its deadline. */
export class Waiters {
  #waiting: Waiting[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  add(seq: number, deadlineMs: number, settle: Settle): void {
    this.#waiting.push({ seq, deadlineMs, settle });
  }

  /** Settles everyone who waits for `seq` or less. O(waiting). */
  reach(seq: number): void {
    if (this.#waiting.length > 0) this.#settle((waiting) => waiting.seq <= seq, true);
  }

  /** Settles everyone whose deadline has passed. O(waiting). */
  expire(nowMs: number): void {
    if (this.#waiting.length > 0) this.#settle((waiting) => waiting.deadlineMs <= nowMs, false);
  }

  #settle(due: (waiting: Waiting) => boolean, reached: boolean): void {
    const waiting = this.#waiting;
    // Whoever is told may come back and wait again: that goes into the new list.
    this.#waiting = [];
    for (const each of waiting) {
      if (due(each)) each.settle(reached);
      else this.#waiting.push(each);
    }
  }
}
