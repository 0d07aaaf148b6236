import type { Random } from '../../torture/random.js';
import type { Model } from '../model.js';

/** Some that are hard to carry, some that look like something else, and the longest. */
const ODD = [
  'a',
  'b',
  'A',
  'key with blanks',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '\ufffd',
  '%41',
  '%2F',
  'a/b',
  'a/sources',
  'a/sources/b',
  '..',
  'a+b&c=d',
  'a?b#c',
  '"\\',
  '<a>; rel="next"',
  '0',
  '1',
  '-7',
  'null',
  'set',
  'delete',
  'source',
  'batch',
  '__proto__',
  'constructor',
  'x'.repeat(512),
];

const PREFIXES = ['', '', 'k', 'k1', 'k12', 'w', 'w:', 'e:', 'a', 'a/', 'e', '日', '😀', '%', '__', 'x'.repeat(512), 'nobody'];

/** So long before a counter's end and after it, requests are mostly about that one. */
const ABOUT_MS = { before: 5, after: 15 };

/** Any key; while a counter ends, mostly its key: what is found then is the hardest to get right. */
export function pickKey(random: Random, model: Model): string {
  const ending = endingKey(model);
  if (ending !== undefined && random.chance(0.8)) return ending;
  const dice = random.fraction();
  if (dice < 0.5) return random.pick(ODD);
  if (dice < 0.85) return `k${random.between(0, 500)}`;
  return dice < 0.95 ? pickWindowKey(random) : pickBriefKey(random);
}

/** The key of a counter that ends about now. */
export function endingKey(model: Model): string | undefined {
  const nowMs = Date.now();
  const next = model.nextEnding(nowMs, ABOUT_MS.after);
  return next !== undefined && next.endMs <= nowMs + ABOUT_MS.before ? next.key : undefined;
}

/** One of those that more often than others begin with an end. */
export function pickWindowKey(random: Random): string {
  return `w:${random.between(0, 80)}`;
}

/** One of those that mostly are not there: what begins there ends soon. */
export function pickBriefKey(random: Random): string {
  return `e:${random.between(0, 99)}`;
}

export function pickPrefix(random: Random): string {
  return random.pick(PREFIXES);
}

export function pickSource(random: Random): string {
  return random.chance(0.3) ? random.pick(ODD) : `s${random.between(0, 9)}`;
}
