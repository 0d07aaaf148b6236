import { Refusal } from './api.js';
import { element } from './element.js';
import { duration, whole } from './format.js';
import { Repeater } from './repeater.js';

/**
 * @typedef {import('./api.js').Api} Api
 *
 * @typedef {object} Tick what GET /points/tick says
 * @property {number} tick
 * @property {number} threshold
 * @property {number} users
 * @property {number} above
 * @property {string} phase
 * @property {number | null} draw_ms
 * @property {number | null} write_ms
 * @property {number} skipped
 * @property {number} next_ms
 */

const EVERY_MS = 2_000;
const REST = 10;

/** The service of points, where it is on. */
export class Points {
  #api;
  #place = element('#points');
  #repeater = new Repeater({ task: () => this.#ask(), everyMs: EVERY_MS, rest: REST });
  #isOn = false;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @param {readonly string[]} services those of the server */
  serve(services) {
    const isOn = services.includes('points');
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    if (isOn) this.#repeater.start();
    else this.clear();
  }

  clear() {
    this.#isOn = false;
    this.#repeater.stop();
    this.#place.hidden = true;
  }

  async #ask() {
    try {
      /** @type {Tick} */
      const { tick, threshold, users, above, phase, draw_ms, write_ms, skipped, next_ms } = await this.#api.get('/points/tick');
      if (!this.#isOn) return;
      put('#points-tick', whole(tick), phase === 'idle' ? `the next in ${duration(next_ms)}` : phase);
      put('#points-threshold', whole(threshold), `${whole(above)} of ${whole(users)} above`);
      put(
        '#points-duration',
        draw_ms === null ? 'none' : duration(draw_ms),
        write_ms === null ? '' : `written in ${duration(write_ms)}`,
      );
      put('#points-skipped', whole(skipped));
      this.#place.hidden = false;
    } catch (error) {
      // Not for this token.
      if (error instanceof Refusal && error.status === 403) this.#place.hidden = true;
      throw error;
    }
  }
}

/**
 * @param {string} selector
 * @param {string} figure
 * @param {string} [note]
 */
function put(selector, figure, note = '') {
  const strong = document.createElement('b');
  const small = document.createElement('small');
  strong.textContent = figure;
  small.textContent = note;
  element(selector).replaceChildren(strong, ' ', small);
}
