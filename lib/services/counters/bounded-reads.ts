import { ConcurrencyLimiter } from '../../http/concurrency-limiter.js';
import type { Exchange } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';

/** How many reads of all counters run at the same time at the most: each takes memory for what changes under it. */
const READS_MAX = 16;
/** How many wait for one of those to end. A read of a million counters takes about 0.3 s of the one thread. */
const WAITING_MAX = 64;
const WAIT_MS = 2_000;

/** Reads of all counters for requests: so many at a time, and in the order in which they came. */
export class BoundedReads {
  readonly #limiter = new ConcurrencyLimiter({ limit: READS_MAX, queueMax: WAITING_MAX, waitMs: WAIT_MS });

  /**
   * Runs a read when it is its turn, or refuses the request with `too-many-scans`. Where the client goes
   * before that, nothing is read.
   *
   * @param read replies.
   */
  run(exchange: Exchange, read: () => Promise<void>): void {
    const limiter = this.#limiter;
    const place = limiter.enter({
      enter: () => void read().finally(() => limiter.leave()),
      turnAway: (why) => {
        const others = why === 'queue-full' ? `${WAITING_MAX} wait` : `it waited for ${WAIT_MS / 1_000} s`;
        exchange.refuse(new Problem('too-many-scans', `${READS_MAX} are under way, and ${others}`));
      },
    });
    if (place !== undefined) exchange.onAbort(() => limiter.drop(place));
  }
}
