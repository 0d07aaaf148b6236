import { encode, FORM, utf8 } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import type { Model } from '../model.js';
import { JSON_TYPE, TEXT_TYPE } from '../said.js';
import type { Wish } from '../writing.js';
import { endingKey } from './keys.js';

/** A write that is to be sent. */
export interface Sending {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** How a write is wanted. To wait for the disk takes too long while a counter ends. */
export function pickWish(random: Random, model: Model): Wish {
  return {
    isDurable: endingKey(model) === undefined && random.chance(0.1),
    isText: random.chance(0.1),
    idempotencyKey: random.chance(0.3) ? pickIdempotencyKey(random, model) : undefined,
  };
}

/** A new one, one that is known, or one that perhaps only refused requests have had. */
export function pickIdempotencyKey(random: Random, model: Model): string {
  const known = model.kept.keys();
  if (known.length > 0 && random.chance(0.2)) return random.pick(known);
  return random.chance(0.1) ? `refused-${random.between(0, 9)}` : `i-${random.between(0, 1e9)}`;
}

export function wishHeaders({ isText, idempotencyKey }: Wish): Record<string, string> {
  return {
    ...(isText && { Accept: TEXT_TYPE }),
    ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
  };
}

/** The parameter `durability`: always where it is not the default, and sometimes where it is. */
export function wishParameters(random: Random, { isDurable }: Wish): [name: string, value: string][] {
  return isDurable || random.chance(0.2) ? [['durability', isDurable ? 'disk' : 'memory']] : [];
}

/** A write, with its parameters in a form, in JSON or in the query, in any order. */
export function send(random: Random, { method, path, parameters }: Sending, wish: Wish): string {
  const all = [...parameters, ...wishParameters(random, wish)];
  if (random.chance(0.3)) all.reverse();
  const headers = wishHeaders(wish);
  switch (random.pick(['form', 'form', 'untyped', 'json', 'query'])) {
    case 'json': {
      const body = utf8(`{${all.map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(random, name, value)}`).join(',')}}`);
      return encode({ method, target: path, headers: { 'Content-Type': JSON_TYPE, ...headers }, body });
    }
    case 'query':
      return encode({ method, target: `${path}?${formOf(all)}`, headers: { 'Content-Length': '0', ...headers } });
    case 'untyped':
      return encode({ method, target: path, headers, body: formOf(all) });
    default:
      return encode({ method, target: path, headers: { 'Content-Type': FORM, ...headers }, body: formOf(all) });
  }
}

/** Numbers and booleans may be strings. */
function jsonOf(random: Random, name: string, value: string): string {
  const isBare = name !== 'key' && name !== 'durability' && random.chance(0.7);
  return isBare ? value : JSON.stringify(value);
}

export function formOf(parameters: readonly (readonly [name: string, value: string])[]): string {
  return parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}

export function numberPath(key: string): string {
  return `/numbers/${encodeURIComponent(key)}`;
}
