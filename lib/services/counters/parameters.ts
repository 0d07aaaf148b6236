import { type Int64, parse } from '../../engine/int64.js';
import type { Exchange } from '../../http/exchange.js';
import { decodePercent, readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';

export const KEY_BYTES_MAX = 512;

/** Bytes of UTF-8 that one UTF-16 code unit takes at the most. */
const UTF8_BYTES_MAX = 3;

const CONTROL = /\p{Cc}/u;

/** What is wrong with a key, `undefined` if nothing is. */
function keyFault(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.length * UTF8_BYTES_MAX > KEY_BYTES_MAX && Buffer.byteLength(key) > KEY_BYTES_MAX) {
    return `is longer than ${KEY_BYTES_MAX} bytes`;
  }
  if (CONTROL.test(key)) return 'has a control character in it';
  return key.isWellFormed() ? undefined : 'is not well-formed Unicode';
}

export interface Increment {
  readonly key: string;
  readonly by: Int64;
}

const INCREMENT_PARAMETERS = ['key', 'value'];

export function readIncrement(exchange: Exchange): Increment | Problem {
  const parameters = readParameters(exchange, INCREMENT_PARAMETERS);
  if (parameters instanceof Problem) return parameters;
  const key = parameters.get('key');
  if (key === undefined) return new Problem('missing-parameter', 'key is missing', 'key');
  const fault = keyFault(key);
  if (fault !== undefined) return new Problem('invalid-parameter', `key ${fault}`, 'key');
  const by = parse(parameters.get('value') ?? '1');
  if (by === 'malformed') return new Problem('invalid-parameter', 'value must be a whole number in decimal digits', 'value');
  if (by === 'range') return new Problem('invalid-parameter', 'value must fit a signed 64-bit integer', 'value');
  return { key, by };
}

/** The key of a path: one percent-encoded segment. */
export function readPathKey(exchange: Exchange): string | Problem {
  const key = decodePercent(exchange.parameter);
  if (key === undefined) return new Problem('invalid-parameter', 'key is not percent-encoded UTF-8', 'key');
  const fault = keyFault(key);
  return fault === undefined ? key : new Problem('invalid-parameter', `key ${fault}`, 'key');
}
