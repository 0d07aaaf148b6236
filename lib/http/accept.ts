import Negotiator from 'negotiator';
import { type Exchange, JSON_TYPE, TEXT_TYPE } from './exchange.js';

/** What curl sends, and what most programs leave out. */
export function acceptsAll(exchange: Exchange): boolean {
  const accept = exchange.header('accept');
  return accept === '' || accept === '*/*';
}

/** Whether the client would rather have `type` than `other`. Not where it accepts both alike, or neither. */
export function prefers(exchange: Exchange, type: string, other: string): boolean {
  if (acceptsAll(exchange)) return false;
  const accept = exchange.header('accept');
  return new Negotiator({ headers: { accept } }).mediaType([other, type]) === type;
}

/** Whether the client would rather have the bare value than JSON. */
export function prefersText(exchange: Exchange): boolean {
  return prefers(exchange, TEXT_TYPE, JSON_TYPE);
}
