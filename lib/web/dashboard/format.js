/** A whole number as the API gives it: what a double can't hold is a text of digits. @typedef {number | string} Int64 */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const TENTHS = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/**
 * Every digit, in groups of three.
 *
 * @param {Int64} value
 */
export function whole(value) {
  return WHOLE.format(typeof value === 'string' ? BigInt(value) : value);
}

/**
 * Three digits or so: 1.2K, 34M.
 *
 * @param {number} value
 */
export function short(value) {
  return SHORT.format(value);
}

/**
 * A rate: whole from ten on, with a decimal below.
 *
 * @param {number} perSecond
 */
export function rate(perSecond) {
  return (perSecond < 10 ? TENTHS : WHOLE).format(perSecond);
}

/**
 * A time in the unit that suits it.
 *
 * @param {number} ms
 */
export function duration(ms) {
  if (ms === 0) return '0';
  if (ms < 1) return `${WHOLE.format(ms * 1_000)} µs`;
  if (ms < 1_000) return `${(ms < 10 ? TENTHS : WHOLE).format(ms)} ms`;
  const s = ms / 1_000;
  if (s < 60) return `${TENTHS.format(s)} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ${Math.floor(s % 60)} s`;
  const h = Math.floor(min / 60);
  return h < 24 ? `${h} h ${min % 60} min` : `${WHOLE.format(Math.floor(h / 24))} d ${h % 24} h`;
}

/**
 * Memory, in units of 1024.
 *
 * @param {number} count
 */
export function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let rest = count;
  for (; rest >= 1024 && unit < units.length - 1; unit++) rest /= 1024;
  return `${(rest < 10 && unit > 0 ? TENTHS : WHOLE).format(rest)} ${units[unit]}`;
}

/**
 * Orders whole numbers, the higher one first.
 *
 * @param {Int64} a
 * @param {Int64} b
 */
export function descending(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? 1 : left > right ? -1 : 0;
}
