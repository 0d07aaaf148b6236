import { inWords, Refusal } from './api.js';
import { element, say } from './element.js';
import { duration } from './format.js';

/**
 * @typedef {import('./figures.js').Stats} Stats
 * @typedef {'good' | 'bad' | 'waiting'} Tone
 */

/** What is wrong with the server, by the words it has for it. */
const REASONS = new Map([
  ['store-failing', 'the store fails: counting goes on in memory'],
  ['drains-stalled', 'drains are late'],
]);

/** What a server answers that is not serving yet, or not any more. */
const PHASES = new Map([
  ['loading', 'Loading its counters'],
  ['stopping', 'Stopping'],
]);

/** The line that says how things stand. What changes there is said aloud, once. */
export class State {
  #place = element('#state');
  #word = element('#state-word');
  #detail = element('#state-detail');
  #news = element('#news');
  #feedError = /** @type {unknown} */ (undefined);

  /** @param {Stats} stats */
  serving({ reasons, uptime_s, version, transport }) {
    const wrong = reasons.map((reason) => REASONS.get(reason) ?? reason);
    if (wrong.length > 0) this.#show('bad', 'Degraded', wrong.join(', '));
    else if (this.#feedError !== undefined) this.#show('waiting', 'Serving', `no live values: ${inWords(this.#feedError)}`);
    else this.#show('good', 'Serving', `for ${duration(uptime_s * 1_000)}`);
    element('#about').textContent = `Incrementer ${version}, over ${transport === 'uws' ? 'uWebSockets.js' : 'node:http'}`;
  }

  /** @param {unknown} error */
  failing(error) {
    if (error instanceof Refusal && error.status === 403) return this.#show('good', 'Serving', '');
    const phase = error instanceof Refusal ? PHASES.get(error.code) : undefined;
    if (phase !== undefined) this.#show('waiting', phase, '');
    else this.#show('bad', 'Interrupted', `${inWords(error)}; trying again`);
  }

  asking() {
    this.#show('waiting', 'Sign in', 'to see the counters');
  }

  /**
   * What became of the feed of changes.
   *
   * @param {unknown} error `undefined` when it is open
   */
  feed(error) {
    this.#feedError = error;
  }

  /**
   * @param {Tone} tone
   * @param {string} word
   * @param {string} detail may change every second, and is not said aloud
   */
  #show(tone, word, detail) {
    this.#place.dataset.state = tone;
    this.#detail.textContent = detail;
    if (this.#word.textContent === word) return;
    this.#word.textContent = word;
    say(this.#news, tone === 'bad' ? `${word}: ${detail}` : word);
  }
}
