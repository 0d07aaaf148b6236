/**
 * What GET /stats has of each second: arrays of one length, the oldest first.
 *
 * @typedef {'at' | 'increments' | 'drains' | 'drained_rows' | 'drain_ms' | 'delay_p50_ms' | 'delay_p99_ms'
 *   | 'queue' | 'oldest_pending_ms' | 'seq' | 'durable_seq' | 'heap_bytes' | 'rss_bytes'} Column
 * @typedef {Record<Column, number[]>} Samples
 *
 * @typedef {object} Minute
 * @property {number} untilMs since 1970
 * @property {number} perSecond increments, on average
 * @property {number} drains
 * @property {number} rows that were drained
 * @property {number} p50Ms the middle one of its seconds
 * @property {number} p99Ms the highest one
 * @property {number} queue the highest one
 */

/** @type {readonly Column[]} */
const COLUMNS = [
  'at',
  'increments',
  'drains',
  'drained_rows',
  'drain_ms',
  'delay_p50_ms',
  'delay_p99_ms',
  'queue',
  'oldest_pending_ms',
  'seq',
  'durable_seq',
  'heap_bytes',
  'rss_bytes',
];

export const SPAN_MS = 600_000;
const MINUTE_MS = 60_000;

/** The samples of the last ten minutes. */
export class History {
  samples = none();

  /** When the newest one was taken, in ms since 1970; `undefined` without any. */
  get newestMs() {
    return this.samples.at.at(-1);
  }

  /**
   * Adds what came after the newest one.
   *
   * @param {Samples} newer
   */
  add(newer) {
    const first = newer.at[0];
    if (first === undefined) return;
    // The numbering of writes never goes back, but on another file.
    if ((newer.seq[0] ?? 0) < (this.samples.seq.at(-1) ?? 0)) this.samples = none();
    const limitMs = (newer.at.at(-1) ?? first) - SPAN_MS;
    const known = this.samples.at;
    const from = known.findIndex((at) => at > limitMs);
    const kept = from === -1 ? known.length : from;
    for (const column of COLUMNS) this.samples[column] = [...this.samples[column].slice(kept), ...newer[column]];
  }

  /**
   * Increments per second: where the thread was busy, a sample stands for more than one second.
   *
   * @returns {number[]}
   */
  perSecond() {
    const { at, increments } = this.samples;
    return increments.map((count, i) => count / (secondsBefore(at, i) || 1));
  }

  /**
   * The whole minutes before the newest sample, the newest first.
   *
   * @returns {Minute[]}
   */
  minutes() {
    const { at, increments, drains, drained_rows, delay_p50_ms, delay_p99_ms, queue } = this.samples;
    /** @type {Minute[]} */
    const minutes = [];
    let end = at.length;
    while (end > 0) {
      const untilMs = at[end - 1] ?? 0;
      let start = end - 1;
      while (start > 0 && (at[start - 1] ?? 0) > untilMs - MINUTE_MS) start--;
      let seconds = 0;
      for (let i = start; i < end; i++) seconds += secondsBefore(at, i);
      minutes.push({
        untilMs,
        perSecond: sum(increments.slice(start, end)) / (seconds || 1),
        drains: sum(drains.slice(start, end)),
        rows: sum(drained_rows.slice(start, end)),
        p50Ms: median(delay_p50_ms.slice(start, end)),
        p99Ms: Math.max(...delay_p99_ms.slice(start, end)),
        queue: Math.max(...queue.slice(start, end)),
      });
      end = start;
    }
    return minutes;
  }
}

/** @returns {Samples} */
function none() {
  const columns = /** @type {Record<string, number[]>} */ (Object.fromEntries(COLUMNS.map((column) => [column, []])));
  return /** @type {Samples} */ (columns);
}

/**
 * For how many seconds a sample stands. Nothing is known of what was before the first.
 *
 * @param {readonly number[]} at
 * @param {number} i
 */
function secondsBefore(at, i) {
  const before = at[i - 1];
  return before === undefined ? 1 : ((at[i] ?? before) - before) / 1_000;
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** @param {readonly number[]} numbers at least one */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
