import { ConcurrencyLimiter } from '../../http/concurrency-limiter.js';

export interface SlowResourceOptions {
  /** How long a use takes, in milliseconds. */
  readonly delayMs: number;
  /** How many uses there are at the same time at the most. */
  readonly limit: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs?: () => number;
  /** Calls back once, after some milliseconds, unless the function that it returns is called before. */
  readonly after?: (ms: number, job: () => void) => () => void;
}

interface Use {
  readonly endMs: number;
  readonly onOver: () => void;
  next: Use | undefined;
}

/**
 * Something slow that many want to use: a use takes its time, whoever else uses it meanwhile, and is
 * counted. All uses take the same time, so they end in the order in which they began: one timer does
 * for all of them.
 */
export class SlowResource {
  readonly #delayMs: number;
  readonly #limiter: ConcurrencyLimiter;
  readonly #nowMs: () => number;
  readonly #after: (ms: number, job: () => void) => () => void;
  #first: Use | undefined;
  #last: Use | undefined;
  #most = 0;
  #cancel: (() => void) | undefined;

  constructor({ delayMs, limit, nowMs = () => performance.now(), after = afterMs }: SlowResourceOptions) {
    this.#delayMs = delayMs;
    this.#limiter = new ConcurrencyLimiter({ limit, queueMax: 0, waitMs: 0 });
    this.#nowMs = nowMs;
    this.#after = after;
  }

  /** How many use it now. */
  get uses(): number {
    return this.#limiter.running;
  }

  /** How many have used it at the same time at the most since this was last asked. */
  takeMost(): number {
    const most = this.#most;
    this.#most = this.uses;
    return most;
  }

  /**
   * Begins a use. Once begun it goes to its end, whether anyone waits for that or not. O(1).
   *
   * @returns false where as many use it as may: then nothing has begun, and nobody is called.
   */
  use(onOver: () => void): boolean {
    if (!this.#limiter.tryEnter()) return false;
    if (this.uses > this.#most) this.#most = this.uses;
    const use: Use = { endMs: this.#nowMs() + this.#delayMs, onOver, next: undefined };
    if (this.#last === undefined) this.#first = use;
    else this.#last.next = use;
    this.#last = use;
    this.#watch();
    return true;
  }

  /** Forgets the uses that are under way: none of them is over any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (; this.#first !== undefined; this.#first = this.#first.next) this.#limiter.leave();
    this.#last = undefined;
  }

  #watch(): void {
    if (this.#cancel !== undefined || this.#first === undefined) return;
    this.#cancel = this.#after(this.#first.endMs - this.#nowMs(), () => {
      this.#cancel = undefined;
      this.#endThoseThatAreOver();
      this.#watch();
    });
  }

  #endThoseThatAreOver(): void {
    const nowMs = this.#nowMs();
    for (let use = this.#first; use !== undefined && use.endMs <= nowMs; use = this.#first) {
      this.#first = use.next;
      if (use.next === undefined) this.#last = undefined;
      this.#limiter.leave();
      use.onOver();
    }
  }
}

function afterMs(ms: number, job: () => void): () => void {
  const timer = setTimeout(job, Math.max(1, Math.ceil(ms))).unref();
  return () => clearTimeout(timer);
}
