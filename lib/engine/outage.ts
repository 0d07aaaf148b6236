const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** Knows whether the store can be written to, and when to try again. */
export class Outage {
  /** Called once per change: with the error when commits begin to fail, without when they work. */
  readonly #onChange: (error?: Error) => void;
  #isFailing = false;
  #isHanging = false;
  #retryMs = RETRY_MS_MIN;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(onChange: (error?: Error) => void) {
    this.#onChange = onChange;
  }

  get isOn(): boolean {
    return this.#isFailing || this.#isHanging;
  }

  /** Whether the next try is still to come. */
  get isPausing(): boolean {
    return this.#retryTimer !== undefined;
  }

  /** A commit failed. Has it tried again after a while: twice as long each time. */
  failed(error: Error, retry: () => void): void {
    if (!this.#isFailing) {
      this.#isFailing = true;
      this.#onChange(error);
    }
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      retry();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  /** No more tries. */
  stop(): void {
    clearTimeout(this.#retryTimer);
  }

  /** A commit is taking so long that someone gave up waiting for it. */
  hangs(): void {
    this.#isHanging = true;
  }

  /** A commit is on disk. */
  committed(): void {
    this.#isHanging = false;
    this.#retryMs = RETRY_MS_MIN;
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#onChange();
  }
}
