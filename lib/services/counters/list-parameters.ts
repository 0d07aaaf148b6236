import type { Exchange } from '../../http/exchange.js';
import { readParameters, readRepeated } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { keyFault } from './key.js';

const PAGE_LIMIT = 100;
const TOP_LIMIT = 10;
/** So many are put together in one turn: a millisecond or two. */
const LIMIT_MAX = 1_000;

/** A page of the counters in the order of their keys. */
export interface Range {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
}

/** What GET /numbers is asked: the keys of some counters, or a page of them. */
export function readKeysOrRange(exchange: Exchange): readonly string[] | Range | Problem {
  const parameters = readRepeated(exchange, 'key', ['prefix', 'after', 'limit']);
  if (parameters instanceof Problem) return parameters;
  const keys = parameters.values;
  const [prefix, after, limitText] = parameters.others;
  if (keys.length === 0) {
    const limit = readLimit(limitText, PAGE_LIMIT);
    return limit instanceof Problem ? limit : { prefix: prefix ?? '', after, limit };
  }
  if (prefix !== undefined || after !== undefined || limitText !== undefined) {
    return new Problem('invalid-parameter', 'key names counters, prefix, after and limit ask for a page: not both', 'key');
  }
  for (const key of keys) {
    const fault = keyFault(key);
    if (fault !== undefined) return new Problem('invalid-parameter', `key ${fault}`, 'key');
  }
  return keys;
}

/** What GET /top is asked. */
export function readTop(exchange: Exchange): { prefix: string; limit: number } | Problem {
  const parameters = readParameters(exchange, ['prefix', 'limit']);
  if (parameters instanceof Problem) return parameters;
  const limit = readLimit(parameters[1], TOP_LIMIT);
  return limit instanceof Problem ? limit : { prefix: parameters[0] ?? '', limit };
}

export function readPrefix(exchange: Exchange): string | Problem {
  const parameters = readParameters(exchange, ['prefix']);
  return parameters instanceof Problem ? parameters : (parameters[0] ?? '');
}

function readLimit(text: string | undefined, byDefault: number): number | Problem {
  if (text === undefined) return byDefault;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  return new Problem('invalid-parameter', `limit must be a whole number from 1 to ${LIMIT_MAX}`, 'limit');
}
