import { KEY_BYTES_MAX } from './key.js';

const SLOTS = 16_384;

/**
 * Keys as strings, by the bytes that spelled them.
 *
 * To make a string from a body's bytes and to hash it for the registry is the dearest part of an
 * increment. Real traffic repeats its keys, and a string that is at hand has its hash in it. On
 * 1,000 keys the cache saves 6 to 10 % of the server's time per request. It is bounded: every key
 * has one slot.
 *
 * A key is kept when it is the last that was missed in its slot, and is missed there again. So a
 * million keys that come in turn push nothing out, and their strings die young: to keep each of
 * them costs 30 to 40 ns more per miss, most of it garbage collection.
 */
export class KeyCache {
  readonly #scratch = Buffer.alloc(KEY_BYTES_MAX);
  readonly #slots: (string | undefined)[] = new Array(SLOTS).fill(undefined);
  /** The hashes of what is in the slots. They tell nearly every miss without a look at a string. */
  readonly #hashes = new Int32Array(SLOTS);
  readonly #missed = new Int32Array(SLOTS);

  /**
   * The text of `bytes` from `start` up to, not including, `end`.
   *
   * @param bytes ASCII in that range, at most KEY_BYTES_MAX of them.
   * @param hash any hash of the range, a 32-bit integer.
   */
  text(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const kept = this.#slots[slot];
    if (this.#hashes[slot] === hash && kept !== undefined && spells(bytes, start, end, kept)) return kept;
    for (let i = start; i < end; i++) this.#scratch[i - start] = bytes[i] as number;
    const text = this.#scratch.toString('latin1', 0, end - start);
    if (this.#missed[slot] === hash) {
      this.#slots[slot] = text;
      this.#hashes[slot] = hash;
    }
    this.#missed[slot] = hash;
    return text;
  }
}

function spells(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
