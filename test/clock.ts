/** A clock that stands still until it is told to go on, and then calls back whom it has to. */
export class Clock {
  #nowMs = 0;
  #due: { readonly atMs: number; readonly job: () => void }[] = [];

  readonly nowMs = (): number => this.#nowMs;

  /** Calls back once, unless what this returns is called before. */
  readonly after = (ms: number, job: () => void): (() => void) => {
    const due = { atMs: this.#nowMs + ms, job };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((each) => each !== due);
    };
  };

  /** How many wait to be called back. */
  get timers(): number {
    return this.#due.length;
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.job();
    }
    this.#nowMs = endMs;
  }
}
