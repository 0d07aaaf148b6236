import { type Int64, parse } from '../../engine/int64.js';
import { refusalOf } from '../../http/caller.js';
import type { Exchange } from '../../http/exchange.js';
import { decodePercent, isPlainlyForm, readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { type Durability, readDurability } from '../../writes/durability.js';
import type { Limits } from './bounds.js';
import { keyFault } from './key.js';
import type { Keys } from './keys.js';
import { type Increment, readPlainIncrement } from './plain-increment.js';

const INCREMENT_PARAMETERS = ['key', 'value', 'durability', 'min', 'max', 'saturate', 'ttl'];

/** The longest window: ten years, in seconds. */
export const TTL_S_MAX = 10 * 365 * 24 * 60 * 60;

/**
 * Reads what POST /increment is sent.
 *
 * @param byDefault the durability where the request does not say.
 */
export function readIncrement(exchange: Exchange, keys: Keys, byDefault: Durability): Increment | Problem {
  if (exchange.query === '' && isPlainlyForm(exchange.header('content-type'))) {
    const increment = readPlainIncrement(exchange.body, keys, byDefault);
    if (increment !== undefined) return refusalOf(exchange.caller, increment.key) ?? increment;
  }
  const parameters = readParameters(exchange, INCREMENT_PARAMETERS);
  if (parameters instanceof Problem) return parameters;
  const [keyText, value, durabilityText, ...limitTexts] = parameters;
  const key = readKey(keyText);
  if (key instanceof Problem) return key;
  const refusal = refusalOf(exchange.caller, key);
  if (refusal !== undefined) return refusal;
  const by = readInteger(value ?? '1', 'value');
  if (by instanceof Problem) return by;
  const limits = readLimits(limitTexts);
  if (limits instanceof Problem) return limits;
  const durability = readDurability(durabilityText, byDefault);
  return durability instanceof Problem ? durability : { key, by, durability, limits };
}

/** What bounds there are; `undefined` when nothing is said of any. */
function readLimits([minText, maxText, saturateText, ttlText]: (string | undefined)[]): Limits | undefined | Problem {
  const min = minText === undefined ? undefined : readInteger(minText, 'min');
  if (min instanceof Problem) return min;
  const max = maxText === undefined ? undefined : readInteger(maxText, 'max');
  if (max instanceof Problem) return max;
  if (min !== undefined && max !== undefined && min > max) {
    return new Problem('invalid-parameter', 'min must not be greater than max', 'min');
  }
  if (saturateText !== undefined && saturateText !== 'true' && saturateText !== 'false') {
    return new Problem('invalid-parameter', 'saturate must be true or false', 'saturate');
  }
  const saturate = saturateText === 'true';
  if (saturate && min === undefined && max === undefined) {
    return new Problem('invalid-parameter', 'saturate needs a bound to stop at: min or max', 'saturate');
  }
  const ttlMs = ttlText === undefined ? undefined : readTtl(ttlText);
  if (ttlMs instanceof Problem) return ttlMs;
  const isUnlimited = min === undefined && max === undefined && ttlMs === undefined;
  return isUnlimited ? undefined : { min, max, saturate, ttlMs };
}

function readTtl(text: string): number | Problem {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= TTL_S_MAX) return seconds * 1_000;
  return new Problem('invalid-parameter', `ttl must be a whole number of seconds from 1 to ${TTL_S_MAX}`, 'ttl');
}

/** Reads a key that has been decoded; `undefined` where none was sent. */
export function readKey(text: string | undefined): string | Problem {
  if (text === undefined) return new Problem('missing-parameter', 'key is missing', 'key');
  const fault = keyFault(text);
  return fault === undefined ? text : new Problem('invalid-parameter', `key ${fault}`, 'key');
}

/** Reads a signed 64-bit integer. */
export function readInteger(text: string, name: string): Int64 | Problem {
  const value = parse(text);
  if (value === 'malformed') return new Problem('invalid-parameter', `${name} must be a whole number in decimal digits`, name);
  if (value === 'range') return new Problem('invalid-parameter', `${name} must fit a signed 64-bit integer`, name);
  return value;
}

/** Reads the path's parameter `key`. */
export function readPathKey(exchange: Exchange): string | Problem {
  const key = readPathText(exchange.parameter('key'), 'key');
  return key instanceof Problem ? key : (refusalOf(exchange.caller, key) ?? key);
}

/** Reads a segment of the path, as it was sent: a key, or the name of a source, for which the same rules hold. */
export function readPathText(segment: string, name: string): string | Problem {
  const key = decodePercent(segment);
  if (key === undefined) return new Problem('invalid-parameter', `${name} is not percent-encoded UTF-8`, name);
  const fault = keyFault(key);
  return fault === undefined ? key : new Problem('invalid-parameter', `${name} ${fault}`, name);
}

/** What PUT /numbers/{key} is sent beside the key. */
export interface Setting {
  readonly value: Int64;
  readonly ifValue: Int64 | undefined;
  readonly durability: Durability;
}

export function readSetting(exchange: Exchange, byDefault: Durability): Setting | Problem {
  const parameters = readParameters(exchange, ['value', 'if_value', 'durability']);
  if (parameters instanceof Problem) return parameters;
  const [valueText, ifValueText, durabilityText] = parameters;
  if (valueText === undefined) return new Problem('missing-parameter', 'value is missing', 'value');
  const value = readInteger(valueText, 'value');
  if (value instanceof Problem) return value;
  const ifValue = ifValueText === undefined ? undefined : readInteger(ifValueText, 'if_value');
  if (ifValue instanceof Problem) return ifValue;
  const durability = readDurability(durabilityText, byDefault);
  return durability instanceof Problem ? durability : { value, ifValue, durability };
}

/** What PUT /numbers/{key}/sources/{source} is sent beside the two. */
export interface Report {
  readonly total: Int64;
  readonly decrements: Int64;
  readonly durability: Durability;
}

export function readReport(exchange: Exchange, byDefault: Durability): Report | Problem {
  const parameters = readParameters(exchange, ['value', 'decrements', 'durability']);
  if (parameters instanceof Problem) return parameters;
  const [valueText, decrementsText, durabilityText] = parameters;
  if (valueText === undefined && decrementsText === undefined) {
    return new Problem('missing-parameter', 'value is missing: the running total', 'value');
  }
  const total = readTotal(valueText ?? '0', 'value');
  if (total instanceof Problem) return total;
  const decrements = readTotal(decrementsText ?? '0', 'decrements');
  if (decrements instanceof Problem) return decrements;
  const durability = readDurability(durabilityText, byDefault);
  return durability instanceof Problem ? durability : { total, decrements, durability };
}

function readTotal(text: string, name: string): Int64 | Problem {
  const total = readInteger(text, name);
  if (total instanceof Problem || total >= 0) return total;
  return new Problem('invalid-parameter', `${name} is a running total, and can't be negative`, name);
}

/** What a write without parameters of its own may say. */
export function readDurabilityOnly(exchange: Exchange, byDefault: Durability): Durability | Problem {
  const parameters = readParameters(exchange, ['durability']);
  return parameters instanceof Problem ? parameters : readDurability(parameters[0], byDefault);
}
