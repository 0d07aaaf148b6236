import { element } from './element.js';
import { bytes, duration, rate, whole } from './format.js';

/**
 * @typedef {import('./history.js').Samples} Samples
 *
 * @typedef {object} Stats what GET /stats says
 * @property {string} version
 * @property {string} transport
 * @property {number} uptime_s
 * @property {'ok' | 'failing'} store
 * @property {string[]} reasons
 * @property {string[]} services
 * @property {number} counters
 * @property {number} readers
 * @property {Samples} samples
 */

/** How the server is now, in figures. */
export class Figures {
  #places = new Map(
    /** @type {const} */ ([
      'rate',
      'delay',
      'queue',
      'oldest',
      'watermark',
      'drain',
      'store',
      'counters',
      'readers',
      'memory',
    ]).map((name) => [name, element(`#figure-${name}`)]),
  );

  /**
   * @param {Stats} stats
   * @param {Samples} samples all that are known, not only those of this answer
   * @param {number} perSecond increments
   */
  show({ store, counters, readers }, samples, perSecond) {
    const last = samples.at.length - 1;
    /** @param {import('./history.js').Column} column */
    const now = (column) => samples[column][last] ?? 0;
    this.#put('rate', rate(perSecond), 'a second');
    this.#put('delay', duration(now('delay_p50_ms')), `p99 ${duration(now('delay_p99_ms'))}`);
    this.#put('queue', whole(now('queue')), 'to drain');
    this.#put('oldest', now('queue') === 0 ? 'none' : duration(now('oldest_pending_ms')));
    this.#put('watermark', whole(now('durable_seq')), `of ${whole(now('seq'))} writes`);
    const drain = samples.drains.findLastIndex((count) => count > 0);
    if (drain !== -1)
      this.#put('drain', duration(samples.drain_ms[drain] ?? 0), `${whole(samples.drained_rows[drain] ?? 0)} rows`);
    this.#put('store', store);
    const place = this.#places.get('store');
    if (place !== undefined) place.dataset.tone = store === 'ok' ? 'good' : 'bad';
    this.#put('counters', whole(counters));
    this.#put('readers', whole(readers));
    this.#put('memory', bytes(now('rss_bytes')), `heap ${bytes(now('heap_bytes'))}`);
  }

  /**
   * @param {string} name
   * @param {string} figure
   * @param {string} [note]
   */
  #put(name, figure, note) {
    const place = this.#places.get(/** @type {any} */ (name));
    if (place === undefined) return;
    if (place.childElementCount === 0) {
      place.textContent = '';
      place.append(document.createElement('b'), ' ', document.createElement('small'));
    }
    const [strong, small] = place.children;
    if (strong !== undefined && strong.textContent !== figure) strong.textContent = figure;
    if (small !== undefined && small.textContent !== (note ?? '')) small.textContent = note ?? '';
  }
}
