const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** Knows whether the store can be written to, and when to try again. */
export class Outage {
  /** Called once per change: with the error when commits begin to fail, without when they work. */
  readonly #onChange: (error?: Error) => void;
  #isFailing = false;
  #isHanging = false;
  #retryMs = RETRY_MS_MIN;

  constructor(onChange: (error?: Error) => void) {
    this.#onChange = onChange;
  }

  get isOn(): boolean {
    return this.#isFailing || this.#isHanging;
  }

  /** A commit failed. Returns after how many milliseconds to try again: twice as long each time. */
  failed(error: Error): number {
    if (!this.#isFailing) {
      this.#isFailing = true;
      this.#onChange(error);
    }
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    return retryMs;
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
