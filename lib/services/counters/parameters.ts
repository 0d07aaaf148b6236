import { parse } from '../../engine/int64.js';
import type { Exchange } from '../../http/exchange.js';
import { decodePercent, isPlainlyForm, readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { type Durability, readDurability } from '../../writes/durability.js';
import { keyFault } from './key.js';
import type { KeyCache } from './key-cache.js';
import { type Increment, readPlainIncrement } from './plain-increment.js';

const INCREMENT_PARAMETERS = ['key', 'value', 'durability'];

/**
 * Reads what POST /increment is sent.
 *
 * @param byDefault the durability where the request does not say.
 */
export function readIncrement(exchange: Exchange, keys: KeyCache, byDefault: Durability): Increment | Problem {
  if (exchange.query === '' && isPlainlyForm(exchange.header('content-type'))) {
    const increment = readPlainIncrement(exchange.body, keys, byDefault);
    if (increment !== undefined) return increment;
  }
  const parameters = readParameters(exchange, INCREMENT_PARAMETERS);
  if (parameters instanceof Problem) return parameters;
  const key = parameters[0];
  if (key === undefined) return new Problem('missing-parameter', 'key is missing', 'key');
  const fault = keyFault(key);
  if (fault !== undefined) return new Problem('invalid-parameter', `key ${fault}`, 'key');
  const by = parse(parameters[1] ?? '1');
  if (by === 'malformed') return new Problem('invalid-parameter', 'value must be a whole number in decimal digits', 'value');
  if (by === 'range') return new Problem('invalid-parameter', 'value must fit a signed 64-bit integer', 'value');
  const durability = readDurability(parameters[2], byDefault);
  return durability instanceof Problem ? durability : { key, by, durability };
}

/** The key of a path: one percent-encoded segment. */
export function readPathKey(exchange: Exchange): string | Problem {
  const key = decodePercent(exchange.parameter);
  if (key === undefined) return new Problem('invalid-parameter', 'key is not percent-encoded UTF-8', 'key');
  const fault = keyFault(key);
  return fault === undefined ? key : new Problem('invalid-parameter', `key ${fault}`, 'key');
}
