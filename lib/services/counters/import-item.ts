import type { Int64 } from '../../engine/int64.js';
import type { Parameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { readInteger, readKey, TTL_S_MAX } from './parameters.js';

/** The parameters of one item, in this order. */
export const IMPORT_PARAMETERS = ['key', 'value', 'expires_ms'];

export interface ImportItem {
  readonly key: string;
  readonly value: Int64;
  /** When its counter ends, by the time of day in milliseconds since 1970; `undefined` where it has no end. */
  readonly expiresMs: number | undefined;
}

/** Reads an item by the rules of the API, but that nothing goes without saying. */
export function readImportItem([keyText, valueText, expiresText]: Parameters, nowMs: number): ImportItem | Problem {
  const key = readKey(keyText);
  if (key instanceof Problem) return key;
  if (valueText === undefined) return new Problem('missing-parameter', 'value is missing', 'value');
  const value = readInteger(valueText, 'value');
  if (value instanceof Problem) return value;
  const expiresMs = expiresText === undefined ? undefined : readInteger(expiresText, 'expires_ms');
  if (expiresMs instanceof Problem) return expiresMs;
  if (expiresMs === undefined || isTime(expiresMs, nowMs)) return { key, value, expiresMs };
  const detail = 'expires_ms must be a time of day in milliseconds since 1970, ten years from now at the most';
  return new Problem('invalid-parameter', detail, 'expires_ms');
}

/** A window can't be longer than the longest `ttl`. */
function isTime(expiresMs: Int64, nowMs: number): expiresMs is number {
  return expiresMs >= 0 && expiresMs <= nowMs + TTL_S_MAX * 1_000;
}
