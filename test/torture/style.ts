import type { Durability } from './action.js';

/** How a client writes. */
export interface Style {
  readonly name: string;
  readonly durability: Durability;
  readonly isIdempotent: boolean;
}

export const STYLES: readonly Style[] = [
  { name: 'memory', durability: 'memory', isIdempotent: false },
  { name: 'disk', durability: 'disk', isIdempotent: false },
  { name: 'memory-idempotent', durability: 'memory', isIdempotent: true },
  { name: 'disk-idempotent', durability: 'disk', isIdempotent: true },
];
