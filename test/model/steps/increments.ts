import type { Random } from '../../torture/random.js';
import { isInt64, member } from '../int64.js';
import type { Model } from '../model.js';
import { Countdown } from '../span.js';
import { counted, type Outcome, type Wish, write } from '../writing.js';
import { endingKey, pickBriefKey, pickKey, pickWindowKey } from './keys.js';
import { pickWish, send } from './sending.js';
import { BLIND_MS, type Step } from './step.js';
import { pickValue } from './values.js';

interface Increment {
  readonly key: string;
  readonly by: bigint;
  readonly min?: bigint;
  readonly max?: bigint;
  readonly isSaturating?: boolean;
  readonly ttlS?: number;
}

const LONG_S = 3_600;
/** All that end during the run have the same: so they end in the order in which they began. */
const BRIEF_S = 1;
/** While one ends, others would make it impossible to tell what happened in which order. */
export const BRIEF_QUIET_MS = 10_000;
/** They begin in the first of so many steps: while one is about to end, not everything can be tried. */
const BRIEF = { first: 400, of: 1_000 };

/** POST /increment, plain or within limits. */
export function incrementStep(random: Random, model: Model, number: number): Step {
  const isBrief = number % BRIEF.of < BRIEF.first && random.chance(0.2);
  return isBrief ? briefStep(random, model, pickBriefKey(random)) : stepOf(random, model, pickIncrement(random, model));
}

/** An increment that makes a counter which ends soon. */
export function briefStep(random: Random, model: Model, key: string): Step {
  return { ...stepOf(random, model, { key, by: pickValue(random), ttlS: BRIEF_S }), quietMs: BRIEF_QUIET_MS };
}

function stepOf(random: Random, model: Model, increment: Increment): Step {
  const wish = pickWish(random, model);
  const identity = JSON.stringify(['increment', increment], (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  const isBlind = wish.isText || (increment.isSaturating === true && wish.idempotencyKey !== undefined);
  return {
    kind: isLimited(increment) ? 'limited increment' : 'increment',
    bytes: send(random, { method: 'POST', path: '/increment', parameters: parametersOf(random, increment) }, wish),
    run: (model) => write(model, wish, identity, () => outcomeOf(model, increment, wish)),
    isWrite: true,
    quietMs: isBlind ? BLIND_MS : 0,
  };
}

function pickIncrement(random: Random, model: Model): Increment {
  return random.chance(0.5) ? { key: pickKey(random, model), by: pickValue(random) } : pickLimited(random, model);
}

function pickLimited(random: Random, model: Model): Increment {
  const hasTtl = random.chance(0.6);
  const key =
    random.chance(hasTtl ? 0.8 : 0.3) && endingKey(model) === undefined ? pickWindowKey(random) : pickKey(random, model);
  const by = pickValue(random);
  const near = () => pickNear(random, model.counters.get(key) ?? 0n, by);
  const min = random.chance(0.4) ? near() : undefined;
  const max = random.chance(0.6) ? near() : undefined;
  const [low, high] = min !== undefined && max !== undefined && min > max ? [max, min] : [min, max];
  const isSaturating = (low !== undefined || high !== undefined) && random.chance(0.5);
  return {
    key,
    by,
    ...(low !== undefined && { min: low }),
    ...(high !== undefined && { max: high }),
    ...(isSaturating && { isSaturating }),
    ...(hasTtl && { ttlS: LONG_S }),
  };
}

/** A bound that may be in the way: around where a step begins or ends, or anywhere. */
function pickNear(random: Random, value: bigint, by: bigint): bigint {
  const bound = random.pick([value, value + by, value + by / 2n, 0n]) + BigInt(random.between(-1, 1));
  return isInt64(bound) && random.chance(0.9) ? bound : pickValue(random);
}

function isLimited({ min, max, ttlS }: Increment): boolean {
  return min !== undefined || max !== undefined || ttlS !== undefined;
}

function parametersOf(random: Random, { key, by, min, max, isSaturating = false, ttlS }: Increment): [string, string][] {
  const parameters: [string, string][] = [['key', key]];
  if (by !== 1n || random.chance(0.5)) parameters.push(['value', `${by}`]);
  if (min !== undefined) parameters.push(['min', `${min}`]);
  if (max !== undefined) parameters.push(['max', `${max}`]);
  if (isSaturating || random.chance(0.1)) parameters.push(['saturate', `${isSaturating}`]);
  if (ttlS !== undefined) parameters.push(['ttl', `${ttlS}`]);
  return parameters;
}

function outcomeOf(model: Model, increment: Increment, wish: Wish): Outcome {
  const { key, by, max, isSaturating = false, ttlS } = increment;
  model.touch(key);
  const before = model.value(key);
  const end = model.ends.get(key);
  if (ttlS !== undefined && before !== undefined && end === undefined) return { status: 409, code: 'not-a-window', more: {} };
  const from = before ?? 0n;
  const to = target(from, increment);
  if (to === undefined) {
    const more = { value: member(from), ...(max !== undefined && { remaining: member(distance(from, max)) }) };
    return { status: 409, code: 'bound', more, countdown: end && new Countdown(end, model.moment) };
  }
  if (!isInt64(to)) return { status: 409, code: 'overflow', more: {} };
  // A step that is held where it stood changes nothing; one by 0 does.
  const isHeld = to === from && by !== 0n;
  if (!isHeld) {
    model.counters.set(key, to);
    if (before === undefined && ttlS !== undefined) model.ends.set(key, model.moment.plus(ttlS * 1_000));
  }
  if (!isLimited(increment)) return counted(model, wish, { key, value: to });
  return counted(model, wish, {
    key,
    value: to,
    applied: isSaturating ? to - from : undefined,
    remaining: max === undefined ? undefined : distance(to, max),
    end: model.ends.get(key),
  });
}

/** Where a step ends, in the 64-bit range or not; `undefined` where it is refused. */
function target(from: bigint, { by, min, max, isSaturating = false }: Increment): bigint | undefined {
  const to = from + by;
  const isAbove = max !== undefined && by > 0n && to > max;
  const isBelow = min !== undefined && by < 0n && to < min;
  if (!isAbove && !isBelow) return to;
  if (!isSaturating) return undefined;
  if (isAbove) return from > max ? from : max;
  return min === undefined || from < min ? from : min;
}

function distance(value: bigint, max: bigint): bigint {
  return value > max ? 0n : max - value;
}
