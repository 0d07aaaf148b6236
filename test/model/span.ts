/** Where a number is that is not known exactly: from `min` up to and including `max`. What is learnt of it narrows it. */
export class Span {
  min: number;
  max: number;

  constructor(min: number, max: number) {
    this.min = min;
    this.max = max;
  }

  has(number: number): boolean {
    return number >= this.min && number <= this.max;
  }

  plus(number: number): Span {
    return new Span(this.min + number, this.max + number);
  }

  narrow({ min, max }: Span): void {
    this.min = Math.max(this.min, min);
    this.max = Math.min(this.max, max);
  }
}

/** The milliseconds from a moment until an end, neither of which is known exactly. */
export class Countdown {
  readonly #end: Span;
  readonly #moment: Span;

  constructor(end: Span, moment: Span) {
    this.#end = end;
    this.#moment = moment;
  }

  /** Whether so much can be left. What is not over has 1 ms at least. */
  allows(leftMs: number): boolean {
    const possible = new Span(Math.max(1, this.#end.min - this.#moment.max), this.#end.max - this.#moment.min);
    return Number.isInteger(leftMs) && possible.has(leftMs);
  }

  /** So much was left: that tells more of the end. */
  learn(leftMs: number): void {
    this.#end.narrow(this.#moment.plus(leftMs));
  }
}
