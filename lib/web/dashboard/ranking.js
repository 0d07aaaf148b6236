import { descending } from './format.js';

/**
 * @typedef {import('./format.js').Int64} Int64
 * @typedef {object} Counter
 * @property {string} key
 * @property {Int64} value
 */

/** Some counters and their newest values, whichever way those are heard of. */
export class Ranking {
  /** @type {Map<string, { value: Int64, seq: number }>} */
  #known = new Map();

  /**
   * Takes a list in place of what was known.
   *
   * @param {readonly Counter[]} counters
   * @param {number} seq the write that the list has seen
   */
  replace(counters, seq) {
    const before = this.#known;
    this.#known = new Map();
    for (const { key, value } of counters) {
      const known = before.get(key);
      this.#known.set(key, known !== undefined && known.seq > seq ? known : { value, seq });
    }
  }

  /**
   * Takes a change, where it is of a counter that is known, and news.
   *
   * @param {{ key: string, value: Int64 | null, seq: number }} change `null` for a counter that is gone
   * @returns {boolean} whether it was taken
   */
  apply({ key, value, seq }) {
    const known = this.#known.get(key);
    if (known === undefined || seq < known.seq) return false;
    if (value === null) this.#known.delete(key);
    else this.#known.set(key, { value, seq });
    return known.value !== value;
  }

  /** @returns {string[]} */
  get keys() {
    return [...this.#known.keys()];
  }

  /**
   * All of them, in the order in which they came.
   *
   * @returns {Counter[]}
   */
  inOrder() {
    return [...this.#known].map(([key, { value }]) => ({ key, value }));
  }

  /**
   * The highest values; those that are alike in the order of their keys, as the server has them.
   *
   * @param {number} limit
   * @returns {Counter[]}
   */
  top(limit) {
    return this.inOrder()
      .sort((a, b) => descending(a.value, b.value) || (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }
}
