import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How late timers were, in milliseconds. */
export interface Delay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A timer of so many milliseconds is looked at, in native code: a hundred a second. */
const RESOLUTION_MS = 10;

/** Measures how long whatever comes in has to wait until the serving thread is free. */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The delays since this was called before; all 0 where there was no time for any. */
  take(): Delay {
    const histogram = this.#histogram;
    const delay = {
      p50Ms: delayMs(histogram.percentile(50)),
      p99Ms: delayMs(histogram.percentile(99)),
      maxMs: delayMs(histogram.max),
    };
    histogram.reset();
    return delay;
  }
}

/** What is recorded is the time from one of the timer's calls to the next, which a timer in time takes too. */
function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}
