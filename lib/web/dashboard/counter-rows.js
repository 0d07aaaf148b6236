import { whole } from './format.js';

/** @typedef {import('./ranking.js').Counter} Counter */

const FLASH_MS = 900;
const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * The body of a table of counters. A row belongs to a place and not to a counter: so what has the
 * focus keeps it when counters change places. Keys are anybody's text, and are shown as text.
 */
export class CounterRows {
  #body;
  #onChoose;
  #rows = /** @type {Row[]} */ ([]);
  #shown = /** @type {Map<string, string>} */ (new Map());

  /**
   * @param {HTMLTableSectionElement} body
   * @param {(key: string) => void} onChoose called with the key that is pressed
   */
  constructor(body, onChoose) {
    this.#body = body;
    this.#onChoose = onChoose;
  }

  /** @param {readonly Counter[]} counters */
  show(counters) {
    while (this.#rows.length > counters.length) this.#rows.pop()?.element.remove();
    while (this.#rows.length < counters.length) {
      const row = new Row(this.#onChoose);
      this.#rows.push(row);
      this.#body.append(row.element);
    }
    const highest = counters.reduce((max, { value }) => Math.max(max, Number(value)), 0);
    /** @type {Map<string, string>} */
    const shown = new Map();
    for (const [i, { key, value }] of counters.entries()) {
      const text = whole(value);
      const before = this.#shown.get(key);
      shown.set(key, text);
      const share = highest > 0 ? Math.max(0, Number(value) / highest) : 0;
      this.#rows[i]?.show(key, text, share, before !== undefined && before !== text);
    }
    this.#shown = shown;
  }
}

class Row {
  element = document.createElement('tr');
  #button = document.createElement('button');
  #key = document.createElement('bdi');
  #value = document.createElement('td');

  /** @param {(key: string) => void} onChoose */
  constructor(onChoose) {
    const head = document.createElement('th');
    head.scope = 'row';
    this.#button.type = 'button';
    this.#button.title = 'Put this key into the form';
    this.#button.addEventListener('click', () => onChoose(this.#key.textContent ?? ''));
    this.#button.append(this.#key);
    head.append(this.#button);
    this.element.append(head, this.#value);
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {number} share of the highest value, from 0 to 1
   * @param {boolean} isMoved whether the counter was there before with another value
   */
  show(key, value, share, isMoved) {
    if (this.#key.textContent !== key) this.#key.textContent = key;
    if (this.#value.textContent !== value) this.#value.textContent = value;
    this.element.style.setProperty('--of-highest', share.toFixed(4));
    if (!isMoved || STILL.matches) return;
    const { color } = getComputedStyle(this.element);
    this.#value.animate([{ color: 'var(--first)' }, { color }], FLASH_MS);
  }
}
