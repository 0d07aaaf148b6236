import { Refusal } from './api.js';
import { Charts } from './charts.js';
import { element, say } from './element.js';
import { Figures } from './figures.js';
import { Follower } from './follower.js';
import { History } from './history.js';
import { Points } from './points.js';
import { Repeater } from './repeater.js';
import { Search } from './search.js';
import { Top } from './top.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./state.js').State} State
 */

const STATS_EVERY_MS = 1_000;
const STATS_REST = 10;

/** Of the address that names the keys, in characters: a request's head has a bound. Keys beyond it move when they are asked for again. */
const PATH_LENGTH_MAX = 8 * 1024;

/** Everything that moves. */
export class Board {
  #api;
  #state;
  #place = element('#board');
  #refusal = element('#stats-refusal');
  #figures = new Figures();
  #charts = new Charts();
  #history = new History();
  #stats = new Repeater({ task: () => this.#ask(), everyMs: STATS_EVERY_MS, rest: STATS_REST });
  #points;
  #top;
  #search;
  #follower;
  #isRunning = false;

  /**
   * @param {Api} api
   * @param {State} state
   * @param {(key: string) => void} onChoose called with a key that was pressed
   */
  constructor(api, state, onChoose) {
    this.#api = api;
    this.#state = state;
    const onChange = () => this.#follow();
    this.#points = new Points(api);
    this.#top = new Top(api, { onChoose, onChange });
    this.#search = new Search(api, { onChoose, onChange });
    this.#follower = new Follower({
      open: (path, lastEventId, signal) => api.open(path, lastEventId, signal),
      onEvent: ({ type, data }) => {
        if (type === 'counter') this.#apply(JSON.parse(data));
      },
      onChange: (error) => state.feed(error),
    });
  }

  start() {
    this.#isRunning = true;
    this.#stats.start();
    this.#top.start();
    this.#follow();
  }

  stop() {
    this.#isRunning = false;
    this.#stats.stop();
    this.#points.clear();
    this.#top.stop();
    this.#follower.stop();
  }

  /** Shows nothing any more: what there was is not for everyone. */
  clear() {
    this.stop();
    this.#place.hidden = true;
    this.#history = new History();
    this.#top.clear();
    this.#search.clear();
  }

  async #ask() {
    const history = this.#history;
    const { newestMs } = history;
    try {
      /** @type {import('./figures.js').Stats} */
      const stats = await this.#api.get(newestMs === undefined ? '/stats' : `/stats?since=${newestMs}`);
      if (history !== this.#history) return;
      history.add(stats.samples);
      this.#place.hidden = false;
      this.#refusal.hidden = true;
      this.#state.serving(stats);
      this.#figures.show(stats, history.samples, history.perSecond().at(-1) ?? 0);
      this.#charts.show(history);
      if (this.#isRunning) this.#points.serve(stats.services);
    } catch (error) {
      const isForbidden = error instanceof Refusal && error.status === 403;
      if (isForbidden) this.#place.hidden = false;
      this.#refusal.hidden = !isForbidden;
      if (isForbidden) say(this.#refusal, `How the server does is not for this token (${error.code}: ${error.message}).`);
      if (!(error instanceof Refusal && error.status === 401)) this.#state.failing(error);
      throw error;
    }
  }

  /** Follows the counters that are shown, and no others: the server's work does not grow with what it counts. */
  #follow() {
    // An answer may come when nothing is to be shown any more.
    if (!this.#isRunning) return;
    // What is on both lists, once. In an order of their own: a change of places is no change of who is followed.
    const keys = [...new Set([...this.#top.keys, ...this.#search.keys])].sort();
    let path = '/events';
    for (const key of keys) {
      const parameter = `${path === '/events' ? '?' : '&'}key=${encodeURIComponent(key)}`;
      if (path.length + parameter.length <= PATH_LENGTH_MAX) path += parameter;
    }
    if (path === '/events') this.#follower.stop();
    else this.#follower.follow(path);
  }

  /** @param {{ key: string, value: import('./format.js').Int64 | null, seq: number }} change */
  #apply(change) {
    this.#top.apply(change);
    this.#search.apply(change);
  }
}
