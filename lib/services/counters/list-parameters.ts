import { type Caller, refusalOf } from '../../http/caller.js';
import type { Exchange } from '../../http/exchange.js';
import { readLimit, readParameters, readRepeated } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { readKey } from './parameters.js';

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
    const limit = readLimit(limitText, PAGE_LIMIT, LIMIT_MAX);
    return limit instanceof Problem ? limit : readRange(exchange.caller, prefix, after, limit);
  }
  if (prefix !== undefined || after !== undefined || limitText !== undefined) {
    return new Problem('invalid-parameter', 'key names counters, prefix, after and limit ask for a page: not both', 'key');
  }
  return refusalOfKeys(exchange.caller, keys) ?? keys;
}

function readRange(caller: Caller, prefixText: string | undefined, after: string | undefined, limit: number): Range | Problem {
  const prefix = readPrefixOf(caller, prefixText);
  return prefix instanceof Problem ? prefix : { prefix, after, limit };
}

/** What is wrong with keys that a caller names; `undefined` if nothing is. */
export function refusalOfKeys(caller: Caller, keys: readonly string[]): Problem | undefined {
  for (const key of keys) {
    const read = readKey(key);
    const refusal = read instanceof Problem ? read : refusalOf(caller, key);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The prefix that a caller asks for. Where it asks for none, all that it may see: a sum or a list never shows more. */
export function readPrefixOf(caller: Caller, text: string | undefined): string | Problem {
  return text === undefined ? caller.prefix : (refusalOf(caller, text) ?? text);
}

/** What GET /top is asked. */
export function readTop(exchange: Exchange): { prefix: string; limit: number } | Problem {
  const parameters = readParameters(exchange, ['prefix', 'limit']);
  if (parameters instanceof Problem) return parameters;
  const [prefixText, limitText] = parameters;
  const limit = readLimit(limitText, TOP_LIMIT, LIMIT_MAX);
  if (limit instanceof Problem) return limit;
  const prefix = readPrefixOf(exchange.caller, prefixText);
  return prefix instanceof Problem ? prefix : { prefix, limit };
}

export function readPrefix(exchange: Exchange): string | Problem {
  const parameters = readParameters(exchange, ['prefix']);
  return parameters instanceof Problem ? parameters : readPrefixOf(exchange.caller, parameters[0]);
}
