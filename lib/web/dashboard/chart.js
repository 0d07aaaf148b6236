import uPlot from './uPlot.js';

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} color the name of a custom property of the style sheet
 * @property {(value: number) => string} format
 * @property {'line' | 'area' | 'bars'} shape
 * @property {boolean} [isRight] whether it has the axis on the right
 *
 * @typedef {object} Options
 * @property {readonly Line[]} lines
 * @property {number} [least] below it nothing is told apart, and above it each ten times as much takes the same height;
 *   without it, heights are in proportion, from zero
 * @property {Span} [span] how much of the past it shows; ten minutes, where nothing is said
 *
 * @typedef {object} Span
 * @property {number} s in seconds
 * @property {string} name after `Chart of the last`
 */

/** Less where there is little width: a phone is to show more than one chart at a time. */
const heightFor = (/** @type {number} */ width) => (width < 480 ? 118 : width < 640 ? 160 : 190);
const FONT = '11px system-ui, sans-serif';
/** @type {Span} */
const TEN_MINUTES = { s: 600, name: 'ten minutes' };
/** Space for the labels of an axis, in CSS pixels. */
const AXIS_SIZE = 46;
/** All charts show the values of the second that the pointer is at in one of them. */
const SYNC = 'second';

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECOND = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A chart of what was last, with its legend, which is its text as well. */
export class Chart {
  #lines;
  #least;
  #span;
  #title;
  #plot;
  #outputs = /** @type {HTMLElement[]} */ ([]);
  #when = document.createElement('span');
  #canvas;
  #data = /** @type {number[][]} */ ([]);

  /**
   * @param {HTMLElement} figure
   * @param {string} title
   * @param {Options} options
   */
  constructor(figure, title, { lines, least, span = TEN_MINUTES }) {
    this.#lines = lines;
    this.#least = least;
    this.#span = span;
    this.#title = title;
    figure.append(this.#caption());
    const space = document.createElement('div');
    space.className = 'plot';
    figure.append(space);
    this.#plot = new uPlot(this.#options(sizeOf(space)), [[], ...lines.map(() => [])], space);
    this.#canvas = this.#plot.ctx.canvas;
    this.#canvas.setAttribute('role', 'img');
    new ResizeObserver(() => this.#plot.setSize(sizeOf(space))).observe(space);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw(false, true));
  }

  /**
   * Shows other values.
   *
   * @param {number[]} times seconds since 1970
   * @param {number[][]} values of each line
   */
  show(times, values) {
    this.#data = values;
    const least = this.#least;
    const drawn = least === undefined ? values : values.map((line) => line.map((value) => Math.max(value, least)));
    this.#plot.setData([times, ...drawn]);
    this.#tell();
  }

  /** What it shows, for those who don't see it. */
  describe() {
    const lines = this.#lines.map(({ label, format }, i) => {
      const values = this.#data[i] ?? [];
      if (values.length === 0) return `${label}: nothing yet`;
      return `${label}: now ${format(values.at(-1) ?? 0)}, at most ${format(Math.max(...values))}`;
    });
    this.#canvas.setAttribute('aria-label', `Chart of the last ${this.#span.name}. ${this.#title}. ${lines.join('. ')}.`);
  }

  #caption() {
    const caption = document.createElement('figcaption');
    const title = document.createElement('h3');
    title.textContent = this.#title;
    const list = document.createElement('ul');
    list.className = 'legend';
    for (const { label, color, shape } of this.#lines) {
      const item = document.createElement('li');
      const mark = document.createElement('i');
      mark.className = 'mark';
      mark.dataset.shape = shape;
      mark.style.setProperty('--color', `var(${color})`);
      mark.style.setProperty('--color-pale', `var(${color}-pale)`);
      const output = document.createElement('span');
      output.className = 'reading';
      this.#outputs.push(output);
      item.append(mark, `${label} `, output);
      list.append(item);
    }
    this.#when.className = 'when';
    caption.append(title, this.#when, list);
    return caption;
  }

  /** Writes the values under the pointer, or the newest ones. */
  #tell() {
    const { idx } = this.#plot.cursor;
    const times = this.#plot.data[0];
    const isPointed = typeof idx === 'number' && idx < times.length;
    const at = isPointed ? idx : times.length - 1;
    this.#when.textContent = isPointed ? SECOND.format((times[at] ?? 0) * 1_000) : '';
    for (const [i, { format }] of this.#lines.entries()) {
      const value = this.#data[i]?.[at];
      const output = this.#outputs[i];
      if (output !== undefined) output.textContent = value === undefined ? '–' : format(value);
    }
  }

  /**
   * @param {{ width: number, height: number }} size
   * @returns {uPlot.Options}
   */
  #options(size) {
    const right = this.#lines.find(({ isRight }) => isRight);
    const left = this.#lines.find(({ isRight }) => !isRight);
    const { s } = this.#span;
    return {
      ...size,
      // All charts end at the same place, so that a second stands above itself.
      padding: [6, right === undefined ? AXIS_SIZE : 0, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false }, sync: { key: SYNC }, points: { size: 5 } },
      scales: {
        x: { time: true, range: (_, __, max) => [(max || Date.now() / 1_000) - s, max || Date.now() / 1_000] },
        y: this.#least === undefined ? { range: fromZero } : { distr: 3, log: 10, range: inTens(this.#least) },
        right: { range: fromZero },
      },
      axes: [
        {
          stroke: color('--muted'),
          font: FONT,
          size: 22,
          space: 70,
          gap: 4,
          incrs: s < 120 ? [10, 20, 30] : [60, 120, 300],
          values: (_, splits) => splits.map((split) => (s < 120 ? SECOND : TIME).format(split * 1_000)),
          grid: { show: false },
          ticks: { stroke: color('--rule'), width: 1, size: 4 },
        },
        { ...axis('y', left, 3), ...(this.#least === undefined ? {} : { splits: powersOfTen }) },
        ...(right === undefined ? [] : [axis('right', right, 1)]),
      ],
      series: [{}, ...this.#lines.map(series)],
      hooks: { setCursor: [() => this.#tell()] },
    };
  }
}

/**
 * @param {Line} line
 * @returns {uPlot.Series}
 */
function series({ label, color: name, shape, isRight }) {
  const scale = isRight ? 'right' : 'y';
  if (shape === 'bars') {
    const paths = uPlot.paths.bars?.({ size: [0.6, 3, 1], align: 0 });
    return {
      label,
      scale,
      stroke: color(`${name}-pale`),
      fill: color(`${name}-pale`),
      width: 0,
      points: { show: false },
      ...(paths && { paths }),
    };
  }
  const fill = shape === 'area' ? { fill: color(`${name}-wash`) } : {};
  return { label, scale, stroke: color(name), width: 1.5, points: { show: false }, ...fill };
}

/**
 * @param {string} scale
 * @param {Line | undefined} line
 * @param {1 | 3} side of uPlot: 3 is left
 * @returns {uPlot.Axis}
 */
function axis(scale, line, side) {
  return {
    scale,
    side,
    stroke: color(side === 3 || line === undefined ? '--muted' : line.color),
    font: FONT,
    size: AXIS_SIZE,
    gap: 4,
    space: 34,
    incrs: WHOLE_STEPS,
    // Where there is no room for a label, a scale of tens has null in its place.
    values: (_, splits) => splits.map((value) => (value === null ? '' : (line?.format(value) ?? ''))),
    grid: { show: side === 3, stroke: color('--rule'), width: 1 },
    ticks: { show: false },
  };
}

/** Between the lines of a scale: nothing that is counted comes in parts. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/**
 * Reads a colour of the style sheet each time that it is drawn with: it changes with the scheme.
 *
 * @param {string} name
 * @returns {() => string}
 */
function color(name) {
  return () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {HTMLElement} space */
function sizeOf({ clientWidth }) {
  return { width: clientWidth, height: heightFor(clientWidth) };
}

/**
 * From zero to a little above the highest value.
 *
 * @type {uPlot.Range.Function}
 */
function fromZero(_, __, max) {
  return [0, (max || 1) * 1.08];
}

/**
 * From the least value to the power of ten above the highest.
 *
 * @param {number} least
 * @returns {uPlot.Range.Function}
 */
function inTens(least) {
  return (_, __, max) => [least, 10 ** Math.ceil(Math.log10(Math.max(max || 0, least * 100)))];
}

/**
 * @param {uPlot} _
 * @param {number} __ the axis
 * @param {number} min
 * @param {number} max
 */
function powersOfTen(_, __, min, max) {
  const splits = [];
  for (let split = min; split <= max * 1.01; split *= 10) splits.push(split);
  return splits;
}
