/** The figures of a sample: what /stats calls them, and in its order. */
export const FIGURES = [
  'at',
  'increments',
  'requests',
  'drains',
  'drain_failures',
  'drained_rows',
  'drain_ms',
  'delay_p50_ms',
  'delay_p99_ms',
  'delay_max_ms',
  'queue',
  'oldest_pending_ms',
  'seq',
  'durable_seq',
  'heap_bytes',
  'rss_bytes',
] as const;

export type Figure = (typeof FIGURES)[number];

/** What was seen in one second. `at` is when it ended, in milliseconds since 1970. */
export type Sample = { readonly [Name in Figure]: number };

/** Samples by figure: arrays of one length, the oldest first. */
export type Samples = { readonly [Name in Figure]: readonly number[] };

/**
 * The last samples, in the same memory for ever.
 *
 *     head ─┐
 *     [ 4 5 | 1 2 3 ]    the next one takes the place of 1, the oldest
 */
export class SampleRing {
  readonly #capacity: number;
  readonly #columns: Readonly<Record<Figure, Float64Array>>;
  /** Where the oldest is, once there are `capacity`. */
  #head = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#columns = byFigure(() => new Float64Array(capacity));
  }

  add(sample: Sample): void {
    const slot = (this.#head + this.#count) % this.#capacity;
    for (const figure of FIGURES) this.#columns[figure][slot] = sample[figure];
    if (this.#count < this.#capacity) this.#count++;
    else this.#head = (this.#head + 1) % this.#capacity;
  }

  /** Those that ended after `at`, which grows from each to the next. O(samples). */
  since(at: number): Samples {
    const all = this.#valuesOf('at');
    const later = all.findIndex((each) => each > at);
    const from = later === -1 ? all.length : later;
    return byFigure((figure) => this.#valuesOf(figure).slice(from));
  }

  /** The highest value of a figure among the last `count` samples; 0 without any. */
  highest(figure: Figure, count: number): number {
    return Math.max(0, ...this.#valuesOf(figure).slice(-count));
  }

  #valuesOf(figure: Figure): number[] {
    const column = this.#columns[figure];
    return Array.from({ length: this.#count }, (_, i) => column[(this.#head + i) % this.#capacity] as number);
  }
}

function byFigure<T>(make: (figure: Figure) => T): Record<Figure, T> {
  return Object.fromEntries(FIGURES.map((figure) => [figure, make(figure)])) as Record<Figure, T>;
}
