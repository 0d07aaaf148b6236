import { Refusal } from './api.js';
import { Backoff } from './backoff.js';

/**
 * Does something again and again while it is wanted: the next time when the last is over, and not
 * sooner than a multiple of what that took. So what is dear for the server is done seldom.
 */
export class Repeater {
  #task;
  #everyMs;
  #rest;
  #backoff = new Backoff();
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  /** Tells this run from one that was stopped while its task was under way. */
  #run = 0;

  /**
   * @param {object} options
   * @param {() => Promise<void>} options.task says by an error that it has failed
   * @param {number} options.everyMs
   * @param {number} options.rest so many times as long as a task took nothing is done after it
   */
  constructor({ task, everyMs, rest }) {
    this.#task = task;
    this.#everyMs = everyMs;
    this.#rest = rest;
  }

  start() {
    this.stop();
    void this.#do(this.#run);
  }

  stop() {
    this.#run++;
    clearTimeout(this.#timer);
  }

  /** @param {number} run */
  async #do(run) {
    const startMs = performance.now();
    let waitMs = this.#everyMs;
    try {
      await this.#task();
      this.#backoff.reset();
      waitMs = Math.max(waitMs, (performance.now() - startMs) * this.#rest);
    } catch (error) {
      const least = error instanceof Refusal ? error.retryAfterMs : undefined;
      waitMs = Math.max(waitMs, this.#backoff.next(least));
    }
    if (run === this.#run) this.#timer = setTimeout(() => void this.#do(run), waitMs);
  }
}
