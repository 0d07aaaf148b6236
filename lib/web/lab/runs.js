import { duration, whole } from '/assets/format.js';

/**
 * What became of the requests to one endpoint since it was last quiet.
 *
 * @typedef {object} Run
 * @property {number} run which it is; 0 before the first
 * @property {number} requests
 * @property {number} per_second
 * @property {number} completed
 * @property {number} refused
 * @property {number} wait_p50_ms
 * @property {number} wait_p99_ms
 * @property {number} wait_max_ms
 * @property {number} most_uses
 */

/** @type {readonly { label: string, format: (run: Run) => string, isBad?: (run: Run) => boolean }[]} */
const MEASURES = [
  { label: 'Requests', format: ({ requests }) => whole(requests) },
  { label: 'Replies a second', format: ({ per_second }) => whole(per_second) },
  { label: 'Callers waited, p50', format: ({ wait_p50_ms }) => duration(wait_p50_ms) },
  { label: 'p99', format: ({ wait_p99_ms }) => duration(wait_p99_ms) },
  { label: 'at most', format: ({ wait_max_ms }) => duration(wait_max_ms) },
  { label: 'Most uses at once', format: ({ most_uses }) => whole(most_uses) },
  { label: 'Uses completed', format: ({ completed }) => whole(completed) },
  { label: 'Refused', format: ({ refused }) => whole(refused), isBad: ({ refused }) => refused > 0 },
];

/** @typedef {{ serial?: Run | undefined, async?: Run | undefined }} Pair */

/** The table of the last run of each endpoint. */
export class Runs {
  #cells = /** @type {{ serial: HTMLElement, async: HTMLElement }[]} */ ([]);
  #pair = /** @type {Pair} */ ({});

  /** @param {HTMLElement} body of the table */
  constructor(body) {
    for (const { label } of MEASURES) {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = label;
      const cells = { serial: document.createElement('td'), async: document.createElement('td') };
      row.append(head, cells.serial, cells.async);
      body.append(row);
      this.#cells.push(cells);
    }
  }

  /** @param {Pair} changed */
  show({ serial, async }) {
    if (serial !== undefined) this.#fill('serial', serial);
    if (async !== undefined) this.#fill('async', async);
  }

  /** What there is to say of both. */
  summary() {
    const { serial, async } = this.#pair;
    return [said('serial', serial), said('async', async)].filter((text) => text !== '').join(' ');
  }

  /**
   * @param {'serial' | 'async'} name
   * @param {Run} run
   */
  #fill(name, run) {
    this.#pair[name] = run;
    for (const [i, { format, isBad }] of MEASURES.entries()) {
      const cell = this.#cells[i]?.[name];
      if (cell === undefined) continue;
      cell.textContent = run.run === 0 ? '–' : format(run);
      cell.dataset.tone = isBad?.(run) === true ? 'bad' : 'plain';
    }
  }
}

/**
 * @param {string} name
 * @param {Run | undefined} run
 */
function said(name, run) {
  if (run === undefined || run.run === 0) return '';
  const { requests, refused, most_uses, wait_p50_ms } = run;
  const waits = `half of the callers waited for ${duration(wait_p50_ms)} or less`;
  return `${name}: ${whole(requests)} requests, ${whole(refused)} refused, ${whole(most_uses)} uses at once at most, ${waits}.`;
}
