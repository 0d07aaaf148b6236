import type { UserPoints } from './user-points.js';

export interface TickerOptions {
  readonly points: UserPoints;
  /** From one tick to the next, in milliseconds. */
  readonly intervalMs: number;
  /** A clock that is never put back, in milliseconds. */
  readonly nowMs: () => number;
}

/** How the ticks go, in milliseconds. */
export interface TickerStatus {
  readonly phase: 'idle' | 'drawing' | 'writing';
  /** How long the last tick took to be drawn, and then to be on disk; `undefined` where it was not in this run, or not yet. */
  readonly drawMs: number | undefined;
  readonly writeMs: number | undefined;
  /** Ticks of this run that were due while the one before was still drawn or written. */
  readonly skipped: number;
  /** To the next one that is due. */
  readonly nextMs: number;
}

/** Fires a tick from time to time, or now. */
export class Ticker {
  readonly #points: UserPoints;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #skipped = 0;
  #drawMs: number | undefined;
  #writeMs: number | undefined;
  /** When the last tick was whole. */
  #wholeMs: number | undefined;

  constructor({ points, intervalMs, nowMs }: TickerOptions) {
    this.#points = points;
    this.#intervalMs = intervalMs;
    this.#nowMs = nowMs;
  }

  /** The first tick is due after a whole interval. */
  start(): void {
    this.#reset();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get isBusy(): boolean {
    return this.#points.isDrawing || this.#points.isWriting;
  }

  status(): TickerStatus {
    const writing = this.#points.isWriting ? 'writing' : 'idle';
    return {
      phase: this.#points.isDrawing ? 'drawing' : writing,
      drawMs: this.#drawMs,
      writeMs: this.#writeMs,
      skipped: this.#skipped,
      nextMs: Math.max(0, this.#dueMs - this.#nowMs()),
    };
  }

  /**
   * Fires a tick now; the next one is due a whole interval later. It must not be called while one is
   * under way.
   *
   * @returns its seq, when all are answered from it; `undefined` when the server was stopped before.
   */
  fire(): Promise<number | undefined> {
    this.#reset();
    return this.#draw();
  }

  /** What was fired is on disk. */
  written(): void {
    if (this.#wholeMs !== undefined) this.#writeMs = this.#nowMs() - this.#wholeMs;
  }

  #reset(): void {
    clearInterval(this.#timer);
    this.#dueMs = this.#nowMs() + this.#intervalMs;
    this.#timer = setInterval(() => this.#due(), this.#intervalMs);
  }

  #due(): void {
    this.#dueMs = this.#nowMs() + this.#intervalMs;
    if (this.isBusy) this.#skipped++;
    else void this.#draw();
  }

  async #draw(): Promise<number | undefined> {
    const startMs = this.#nowMs();
    const seq = await this.#points.draw();
    if (seq === undefined) return undefined;
    this.#wholeMs = this.#nowMs();
    this.#drawMs = this.#wholeMs - startMs;
    this.#writeMs = undefined;
    return seq;
  }
}
