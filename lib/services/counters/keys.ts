import { mixed } from '../../engine/key-hash.js';
import { KEY_BYTES_MAX } from './key.js';

/** Who knows keys by their bytes. */
export interface KnownKeys {
  /** @param hash see key-hash.ts. */
  spelled(bytes: Uint8Array, start: number, end: number, hash: number): { readonly key: string } | undefined;
}

/**
 * Keys as strings, by the bytes that spell them.
 *
 * To make a string from a body's bytes and to hash it for a Map is the dearest part of an increment.
 * Where the counter was looked up lately it has the string, and the look-up finds the same one.
 */
export class Keys {
  readonly #scratch = Buffer.alloc(KEY_BYTES_MAX);
  readonly #known: KnownKeys;

  constructor(known: KnownKeys) {
    this.#known = known;
  }

  /**
   * The text of `bytes` from `start` up to, not including, `end`.
   *
   * @param bytes ASCII in that range, at most KEY_BYTES_MAX of them.
   * @param hash `withCode` of all of them, see key-hash.ts.
   */
  text(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const known = this.#known.spelled(bytes, start, end, mixed(hash));
    if (known !== undefined) return known.key;
    for (let i = start; i < end; i++) this.#scratch[i - start] = bytes[i] as number;
    return this.#scratch.toString('latin1', 0, end - start);
  }
}
