const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before another try: twice as long each time, up to half a minute. */
export class Backoff {
  #nextMs = FIRST_MS;
  #random;

  /** @param {() => number} random from 0 to 1: a thousand pages must not come back in the same instant */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /**
   * @param {number} leastMs as long as that at the least, whoever asks for it
   * @returns {number} milliseconds
   */
  next(leastMs = 0) {
    const ms = Math.max(leastMs, this.#nextMs * (0.5 + this.#random() / 2));
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS);
    return ms;
  }

  reset() {
    this.#nextMs = FIRST_MS;
  }
}
