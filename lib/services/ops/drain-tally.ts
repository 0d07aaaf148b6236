import { Histogram } from 'prom-client';
import type { DrainFailure, DrainReport } from '../../engine/write-behind-status.js';

/** What was drained in some time. */
export interface Drained {
  /** How many drains came to the disk. */
  readonly drains: number;
  readonly failures: number;
  readonly rows: number;
  /** Of the longest that came to the disk; 0 without one. */
  readonly msMax: number;
}

/** Drains take from a fraction of a millisecond, of a few rows, to seconds, of a million. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ROWS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/**
 * Adds up the drains: since the start for /metrics, and since the last `take` for the sampler. A
 * drain costs half a microsecond here; where replies wait for the disk there are thousands a second.
 */
export class DrainTally {
  readonly seconds = new Histogram({
    name: 'incrementer_drain_duration_seconds',
    help: 'From the snapshot of a drain to its commit.',
    buckets: SECONDS,
    registers: [],
  });
  readonly rows = new Histogram({
    name: 'incrementer_drain_rows',
    help: 'Rows that a drain wrote or deleted.',
    buckets: ROWS,
    registers: [],
  });
  #failures = 0;
  #drained: { -readonly [Name in keyof Drained]: Drained[Name] } = nothing();

  add(drain: DrainReport | DrainFailure): void {
    if ('error' in drain) {
      this.#failures++;
      this.#drained.failures++;
      return;
    }
    const { ms, rows } = drain;
    this.seconds.observe(ms / 1_000);
    this.rows.observe(rows);
    this.#drained.drains++;
    this.#drained.rows += rows;
    this.#drained.msMax = Math.max(this.#drained.msMax, ms);
  }

  /** How many drains failed since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** What was drained since this was called before. */
  take(): Drained {
    const drained = this.#drained;
    this.#drained = nothing();
    return drained;
  }
}

function nothing(): Drained {
  return { drains: 0, failures: 0, rows: 0, msMax: 0 };
}
