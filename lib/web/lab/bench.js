import { Chart } from '/assets/chart.js';
import { element, say } from '/assets/element.js';
import { duration, short, whole } from '/assets/format.js';
import { Runs } from './runs.js';

/**
 * @typedef {object} Sample
 * @property {number} at in milliseconds since 1970
 * @property {number} uses
 * @property {number} waiting
 *
 * @typedef {object} Change what has changed
 * @property {readonly Sample[]} [samples]
 * @property {import('./runs.js').Run} [serial]
 * @property {import('./runs.js').Run} [async]
 *
 * @typedef {Change & { delay_ms: number, limit: number }} State
 */

const SPAN_MS = 60_000;
/** While nothing comes, the line goes on by itself. */
const IDLE_MS = 500;
/** What a canvas shows is told anew no more often than that. */
const DESCRIBE_MS = 5_000;

/** The exercise: so many requests, so many at a time. */
const REQUESTS = 3_000;
const CALLERS = 50;

/** What goes on in the lab, as it goes on. */
export class Bench {
  #chart = new Chart(element('#chart'), 'Uses of the resource', {
    span: { s: SPAN_MS / 1_000, name: 'minute' },
    lines: [
      { label: 'uses', color: '--first', format: short, shape: 'area' },
      { label: 'callers waiting', color: '--second', format: short, shape: 'line' },
    ],
  });
  #runs = new Runs(element('#runs tbody'));
  #samples = /** @type {Sample[]} */ ([]);
  /** How far this clock is ahead of the server's. */
  #aheadMs = 0;
  #shownMs = 0;
  #describedMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;

  constructor() {
    setInterval(() => {
      if (performance.now() - this.#shownMs >= IDLE_MS) this.#draw();
    }, IDLE_MS);
  }

  /** @param {State} state */
  begin(state) {
    this.#samples = [];
    element('#delay').textContent = duration(state.delay_ms);
    element('#limit').textContent = state.limit === 0 ? 'no limit' : `${state.limit} at most`;
    element('#ideal').textContent =
      `${whole(REQUESTS)} requests, ${CALLERS} at a time, ${duration(state.delay_ms)} each: ` +
      `${duration((REQUESTS / CALLERS) * state.delay_ms)} at best.`;
    element('#lab').hidden = false;
    this.change(state);
  }

  /** @param {Change} change */
  change({ samples = [], serial, async }) {
    const last = samples.at(-1);
    if (last !== undefined) this.#aheadMs = Date.now() - last.at;
    this.#samples.push(...samples);
    this.#runs.show({ serial, async });
    this.#draw();
  }

  #draw() {
    this.#shownMs = performance.now();
    const nowMs = Date.now() - this.#aheadMs;
    while (this.#samples[0] !== undefined && this.#samples[0].at < nowMs - SPAN_MS) this.#samples.shift();
    const { uses, waiting } = this.#samples.at(-1) ?? { uses: 0, waiting: 0 };
    element('#uses').textContent = whole(uses);
    element('#waiting').textContent = whole(waiting);
    // Nothing comes while nothing goes on: so the line is at zero from one tick after the last.
    const isIdle = uses === 0 && waiting === 0;
    const end = { at: nowMs, uses, waiting };
    const shown = isIdle ? [...this.#samples, end] : this.#samples;
    this.#chart.show(
      shown.map(({ at }) => at / 1_000),
      [shown.map((sample) => sample.uses), shown.map((sample) => sample.waiting)],
    );
    this.#tell(!isIdle);
  }

  /**
   * Says how it went when it is over, to those who don't see it.
   *
   * @param {boolean} isBusy
   */
  #tell(isBusy) {
    if (this.#isBusy && !isBusy) say(element('#news'), this.#runs.summary());
    this.#isBusy = isBusy;
    if (performance.now() - this.#describedMs < DESCRIBE_MS) return;
    this.#describedMs = performance.now();
    this.#chart.describe();
  }
}
