import { inWords } from './api.js';
import { CounterRows } from './counter-rows.js';
import { element, say } from './element.js';
import { Ranking } from './ranking.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./format.js').Int64} Int64
 */

const PAGE = 20;

/** Finds counters by the beginning of their keys, a page at a time. */
export class Search {
  #api;
  #onChange;
  #input = element('#prefix', HTMLInputElement);
  #reply = element('#search-reply');
  #table = element('#search table', HTMLTableElement);
  #more = element('#more', HTMLButtonElement);
  #rows;
  #found = new Ranking();
  #next = /** @type {string | undefined} */ (undefined);
  /** Tells the newest question from those before it. */
  #question = 0;

  /**
   * @param {Api} api
   * @param {object} options
   * @param {(key: string) => void} options.onChoose
   * @param {() => void} options.onChange called when other counters are shown than before
   */
  constructor(api, { onChoose, onChange }) {
    this.#api = api;
    this.#onChange = onChange;
    this.#rows = new CounterRows(element('#search tbody', HTMLTableSectionElement), onChoose);
    element('#search form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#find(`/numbers?limit=${PAGE}&prefix=${encodeURIComponent(this.#input.value)}`);
    });
    this.#more.addEventListener('click', () => {
      if (this.#next !== undefined) void this.#find(this.#next);
    });
  }

  /** The keys that are shown. */
  get keys() {
    return this.#found.keys;
  }

  /** @param {{ key: string, value: Int64 | null, seq: number }} change */
  apply(change) {
    if (this.#found.apply(change)) this.#show();
  }

  /** Shows nothing any more. */
  clear() {
    this.#question++;
    this.#found = new Ranking();
    this.#next = undefined;
    say(this.#reply, '');
    this.#show();
    this.#onChange();
  }

  /** @param {string} path */
  async #find(path) {
    const question = ++this.#question;
    try {
      const { page, next } = await this.#api.getPage(path);
      if (question !== this.#question) return;
      const { counters, seq } = page;
      this.#found = new Ranking();
      this.#found.replace(counters, seq);
      this.#next = next;
      const count = counters.length === 1 ? '1 counter' : `${counters.length} counters`;
      say(
        this.#reply,
        counters.length === 0 ? 'No key begins with that.' : `${count}${next === undefined ? '' : ', and there are more'}.`,
      );
      this.#show();
      this.#onChange();
    } catch (error) {
      if (question === this.#question) say(this.#reply, inWords(error), 'bad');
    }
  }

  #show() {
    const counters = this.#found.inOrder();
    this.#table.hidden = counters.length === 0;
    this.#more.hidden = this.#next === undefined;
    this.#rows.show(counters);
  }
}
