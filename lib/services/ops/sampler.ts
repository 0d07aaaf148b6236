import type { WriteBehind } from '../../engine/write-behind.js';
import type { RequestCounts } from '../../http/request-counts.js';
import type { DrainTally } from './drain-tally.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { type Figure, SampleRing, type Samples } from './sample-ring.js';

export const INTERVAL_MS = 1_000;

/** Ten minutes. */
const SAMPLES_MAX = 600;

export interface SamplerOptions {
  readonly writes: WriteBehind;
  readonly drains: DrainTally;
  readonly requests: RequestCounts;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** Looks at the server once a second, and remembers what it saw. */
export class Sampler {
  readonly #writes: WriteBehind;
  readonly #drains: DrainTally;
  readonly #requests: RequestCounts;
  readonly #wallMs: () => number;
  readonly #delay = new EventLoopDelay();
  readonly #ring = new SampleRing(SAMPLES_MAX);
  #at = 0;
  #seq = 0;
  #requestsBefore = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ writes, drains, requests, wallMs }: SamplerOptions) {
    this.#writes = writes;
    this.#drains = drains;
    this.#requests = requests;
    this.#wallMs = wallMs;
  }

  /** No write was made before. */
  start(): void {
    this.#seq = this.#writes.seq;
    this.#requestsBefore = this.#requests.total;
    this.#delay.start();
    this.#timer = setInterval(() => this.sample(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay.stop();
  }

  /** The samples that ended after `at`. */
  since(at: number): Samples {
    return this.#ring.since(at);
  }

  /** The highest value of a figure in the last `seconds`. */
  highest(figure: Figure, seconds: number): number {
    return this.#ring.highest(figure, seconds);
  }

  sample(): void {
    const { seq, durableSeq, queued, oldestPendingMs } = this.#writes.status();
    const { drains, failures, rows, msMax } = this.#drains.take();
    const { p50Ms, p99Ms, maxMs } = this.#delay.take();
    const { heapUsed, rss } = process.memoryUsage();
    const requests = this.#requests.total;
    // It grows though the clock be put back: clients ask for what came after the last that they have.
    this.#at = Math.max(this.#wallMs(), this.#at + 1);
    this.#ring.add({
      at: this.#at,
      increments: seq - this.#seq,
      requests: requests - this.#requestsBefore,
      drains,
      drain_failures: failures,
      drained_rows: rows,
      drain_ms: micros(msMax),
      delay_p50_ms: micros(p50Ms),
      delay_p99_ms: micros(p99Ms),
      delay_max_ms: micros(maxMs),
      queue: queued,
      oldest_pending_ms: Math.round(oldestPendingMs),
      seq,
      durable_seq: durableSeq,
      heap_bytes: heapUsed,
      rss_bytes: rss,
    });
    this.#seq = seq;
    this.#requestsBefore = requests;
  }
}

/** Milliseconds with three decimals. */
function micros(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}
