import { createHistogram } from 'node:perf_hooks';

/** An endpoint that nobody has asked for so long, and nobody waits for, begins a new run with the next request. */
const QUIET_MS = 2_000;

/** What came of the requests of a run. Times in milliseconds, 0 where nobody got a reply yet. */
export interface RunFigures {
  /** Which run it is, from 1; 0 before the first. */
  readonly run: number;
  readonly requests: number;
  /** Replies, refusals among them, for each second since the first request. */
  readonly per_second: number;
  /** Uses of the resource that are over. */
  readonly completed: number;
  readonly refused: number;
  /** How long callers waited for an `OK`, from when the server had read the request. */
  readonly wait_p50_ms: number;
  readonly wait_p99_ms: number;
  readonly wait_max_ms: number;
  /** How many uses that the run began were under way at the same time at the most. */
  readonly most_uses: number;
}

/** The requests to one endpoint since it was last quiet: a benchmark, as a rule. */
export class Run {
  readonly #nowMs: () => number;
  /** In microseconds, with three digits. */
  readonly #waits = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  #number = 0;
  #requests = 0;
  #completed = 0;
  #refused = 0;
  #replied = 0;
  #uses = 0;
  #mostUses = 0;
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** How many callers wait for a reply. */
  get waiting(): number {
    return this.#requests - this.#replied - this.#refused;
  }

  /** A request has come. @returns the number of the run that it belongs to. */
  come(): number {
    const nowMs = this.#nowMs();
    if (this.waiting === 0 && nowMs - this.#lastMs >= QUIET_MS) this.#begin(nowMs);
    this.#lastMs = nowMs;
    this.#requests++;
    return this.#number;
  }

  #begin(nowMs: number): void {
    this.#number++;
    this.#firstMs = nowMs;
    this.#requests = this.#completed = this.#refused = this.#replied = this.#uses = this.#mostUses = 0;
    this.#waits.reset();
  }

  refuse(): void {
    this.#refused++;
    this.#lastMs = this.#nowMs();
  }

  /** A caller got its `OK`, who had come at some time. */
  reply(cameMs: number): void {
    this.#replied++;
    this.#lastMs = this.#nowMs();
    this.#waits.record(Math.max(1, Math.round((this.#lastMs - cameMs) * 1_000)));
  }

  useBegins(): void {
    this.#uses++;
    if (this.#uses > this.#mostUses) this.#mostUses = this.#uses;
  }

  /** A use is over that a request of some run began. */
  useEnds(run: number): void {
    if (run !== this.#number) return;
    this.#uses--;
    this.#completed++;
  }

  figures(): RunFigures {
    const seconds = (this.#lastMs - this.#firstMs) / 1_000;
    const waited = (us: number) => (this.#replied === 0 ? 0 : us / 1_000);
    return {
      run: this.#number,
      requests: this.#requests,
      per_second: seconds > 0 ? Math.round((this.#replied + this.#refused) / seconds) : 0,
      completed: this.#completed,
      refused: this.#refused,
      wait_p50_ms: waited(this.#waits.percentile(50)),
      wait_p99_ms: waited(this.#waits.percentile(99)),
      wait_max_ms: waited(this.#waits.max),
      most_uses: this.#mostUses,
    };
  }
}
