import { withCode } from '../../engine/key-hash.js';

/** What a plain reader returns instead of an end, for what is left to the general parser. */
export const NOT_PLAIN = -1;

/** Digits that fit a double whatever they are. */
const DIGITS_MAX = 15;

const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * Reads plain text and plain numbers from bytes, each in one pass. What was found is in its fields
 * until the next call: an object per find would be two for each item of a batch.
 */
export class PlainScanner {
  /** Behind the last byte that was read. */
  end = 0;
  /** Of the text, see key-hash.ts: not mixed yet. */
  hash = 0;
  value = 0;

  /**
   * Reads as much text as there is: sets `end` and `hash`.
   *
   * @param plain 1 for each byte that stands for itself.
   */
  text(bytes: Uint8Array, start: number, plain: Uint8Array): void {
    let hash = 0;
    let end = start;
    for (; end < bytes.length; end++) {
      const byte = bytes[end] as number;
      if (plain[byte] === 0) break;
      hash = withCode(hash, byte);
    }
    this.end = end;
    this.hash = hash;
  }

  /** Reads an integer in decimal: sets `end` and `value`. Returns false where there is none, or a long one. */
  integer(bytes: Uint8Array, start: number): boolean {
    const first = start < bytes.length && bytes[start] === MINUS ? start + 1 : start;
    let value = 0;
    let end = first;
    for (; end < bytes.length; end++) {
      const digit = (bytes[end] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (end - first === DIGITS_MAX) return false;
    }
    this.end = end;
    this.value = first > start && value !== 0 ? -value : value;
    return end > first;
  }
}

/** A table with 1 for each byte of printable ASCII, but for `special` ones, and 0 for every other. */
export function plainBut(special: string): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte >= 0x20 && byte <= 0x7e && !special.includes(String.fromCharCode(byte)) ? 1 : 0,
  );
}

/** Whether `bytes` has the `expected` ones at `start`. */
export function hasAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  if (start < 0 || bytes.length - start < expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/** The place of the first byte from `at` on that JSON does not take for a blank; the length of `bytes` where there is none. */
export function behindBlanks(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && BLANK[bytes[end] as number] === 1) end++;
  return end;
}

const BLANK = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d ? 1 : 0,
);
