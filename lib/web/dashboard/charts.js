import { Chart } from './chart.js';
import { element } from './element.js';
import { duration, rate, short, whole } from './format.js';

/** @typedef {import('./history.js').History} History */

/** What a canvas shows is told anew no more often than that. */
const DESCRIBE_MS = 10_000;

/** The lowest line of the chart of delays. */
const DELAY_MS_LEAST = 0.1;

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The charts of the last ten minutes, and the same as a table. */
export class Charts {
  #rate = new Chart(element('#chart-rate'), 'Increments and drains', {
    lines: [
      // The first is drawn first, and the line is to stand before the bars.
      { label: 'rows drained', color: '--second', format: short, shape: 'bars', isRight: true },
      {
        label: 'increments/s',
        color: '--first',
        format: (value) => (value < 10_000 ? rate(value) : short(value)),
        shape: 'area',
      },
    ],
  });
  #delay = new Chart(element('#chart-delay'), 'Delay of the serving thread', {
    least: DELAY_MS_LEAST,
    lines: [
      { label: 'p50', color: '--first', format: duration, shape: 'line' },
      { label: 'p99', color: '--second', format: duration, shape: 'line' },
    ],
  });
  #queue = new Chart(element('#chart-queue'), 'Waiting for the disk', {
    lines: [{ label: 'counters in the queue', color: '--first', format: short, shape: 'area' }],
  });
  #details = element('#minutes', HTMLDetailsElement);
  #body = element('#minutes tbody');
  #describedMs = Number.NEGATIVE_INFINITY;
  #history = /** @type {History | undefined} */ (undefined);

  constructor() {
    this.#details.addEventListener('toggle', () => this.#list());
  }

  /** @param {History} history */
  show(history) {
    this.#history = history;
    const { at, drained_rows, delay_p50_ms, delay_p99_ms, queue } = history.samples;
    const times = at.map((ms) => ms / 1_000);
    this.#rate.show(times, [drained_rows, history.perSecond()]);
    this.#delay.show(times, [delay_p50_ms, delay_p99_ms]);
    this.#queue.show(times, [queue]);
    if (performance.now() - this.#describedMs < DESCRIBE_MS) return;
    this.#describedMs = performance.now();
    for (const chart of [this.#rate, this.#delay, this.#queue]) chart.describe();
    this.#list();
  }

  #list() {
    if (!this.#details.open || this.#history === undefined) return;
    const rows = this.#history.minutes().map(({ untilMs, perSecond, drains, rows, p50Ms, p99Ms, queue }) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = TIME.format(untilMs);
      const cells = [rate(perSecond), whole(drains), whole(rows), duration(p50Ms), duration(p99Ms), whole(queue)].map((text) => {
        const cell = document.createElement('td');
        cell.textContent = text;
        return cell;
      });
      row.append(head, ...cells);
      return row;
    });
    this.#body.replaceChildren(...rows);
  }
}
