import { inWords } from './api.js';
import { CounterRows } from './counter-rows.js';
import { element, say } from './element.js';
import { Ranking } from './ranking.js';
import { Repeater } from './repeater.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./format.js').Int64} Int64
 */

/** So many are followed that who overtakes whom is seen at once, and so many shown. */
const FOLLOWED = 20;
const SHOWN = 10;

/**
 * For GET /top the server looks at every counter. Fifty times as long as that took it is left alone:
 * so it spends a fiftieth of its time on a page at the most.
 */
const REST = 50;
const EVERY_MS = 2_000;

/**
 * The highest counters. Who they are is asked now and then; how they move comes with the feed,
 * which is asked for these keys alone.
 */
export class Top {
  #api;
  #onChange;
  #rows;
  #ranking = new Ranking();
  #reply = element('#top-reply');
  #repeater = new Repeater({ task: () => this.#ask(), everyMs: EVERY_MS, rest: REST });
  #isDrawing = false;

  /**
   * @param {Api} api
   * @param {object} options
   * @param {(key: string) => void} options.onChoose
   * @param {() => void} options.onChange called when others may be the highest
   */
  constructor(api, { onChoose, onChange }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#rows = new CounterRows(element('#top tbody', HTMLTableSectionElement), onChoose);
  }

  start() {
    this.#repeater.start();
  }

  stop() {
    this.#repeater.stop();
  }

  /** Shows nothing any more. */
  clear() {
    this.#ranking = new Ranking();
    this.#draw();
  }

  /** The keys that are followed. */
  get keys() {
    return this.#ranking.keys;
  }

  /** @param {{ key: string, value: Int64 | null, seq: number }} change */
  apply(change) {
    if (this.#ranking.apply(change)) this.#draw();
  }

  async #ask() {
    const ranking = this.#ranking;
    try {
      const { counters, seq } = await this.#api.get(`/top?limit=${FOLLOWED}`);
      // Somebody else has signed in meanwhile.
      if (ranking !== this.#ranking) return;
      ranking.replace(counters, seq);
      say(this.#reply, counters.length === 0 ? 'Nothing has been counted yet.' : '');
      this.#draw();
      this.#onChange();
    } catch (error) {
      say(this.#reply, inWords(error), 'bad');
      throw error;
    }
  }

  /** Once a frame, however many changes came. */
  #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#rows.show(this.#ranking.top(SHOWN));
    });
  }
}
