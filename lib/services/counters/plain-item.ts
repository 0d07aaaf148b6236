import { toBytes } from '../../http/reply-buffer.js';
import type { Batch } from './batch-reader.js';
import { KEY_BYTES_MAX } from './key.js';
import type { Keys } from './keys.js';
import { hasAt, NOT_PLAIN, PlainScanner, plainBut } from './plain-scanner.js';

const PLAIN_IN_JSON = plainBut('"\\');

const KEY = toBytes('{"key":');
const VALUE = toBytes('"value":');

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const CLOSING_BRACE = 0x7d;

/**
 * Reads the object that almost every item in JSON is: `{"key":"<plain>","value":<digits>}`, perhaps
 * without the value, perhaps with a blank behind a colon or a comma, as many programs write them.
 * Whatever else there is, valid or not, is for addJsonItem. The two agree on what both can read.
 */
export class PlainItem {
  readonly #keys: Keys;
  readonly #scanner = new PlainScanner();
  #keyStart = 0;
  #keyEnd = 0;
  #hash = 0;
  #by = 0;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /**
   * Reads the item at `at`, but does not add it: whether it is a whole item shows behind it.
   *
   * @returns where it ends, or NOT_PLAIN.
   */
  read(bytes: Uint8Array, at: number): number {
    if (!hasAt(bytes, at, KEY)) return NOT_PLAIN;
    const quote = behindBlank(bytes, at + KEY.length);
    if (quote >= bytes.length || bytes[quote] !== QUOTE) return NOT_PLAIN;
    const scanner = this.#scanner;
    const start = quote + 1;
    scanner.text(bytes, start, PLAIN_IN_JSON);
    const end = scanner.end;
    if (end === start || end - start > KEY_BYTES_MAX || end + 1 >= bytes.length || bytes[end] !== QUOTE) return NOT_PLAIN;
    this.#keyStart = start;
    this.#keyEnd = end;
    this.#hash = scanner.hash;
    if (bytes[end + 1] === CLOSING_BRACE) {
      this.#by = 1;
      return end + 2;
    }
    if (bytes[end + 1] !== COMMA) return NOT_PLAIN;
    const name = behindBlank(bytes, end + 2);
    return hasAt(bytes, name, VALUE) ? this.#readValue(bytes, behindBlank(bytes, name + VALUE.length)) : NOT_PLAIN;
  }

  #readValue(bytes: Uint8Array, at: number): number {
    const scanner = this.#scanner;
    if (!scanner.integer(bytes, at)) return NOT_PLAIN;
    const { end, value } = scanner;
    if (end >= bytes.length || bytes[end] !== CLOSING_BRACE) return NOT_PLAIN;
    // JSON has no zero in front of other digits.
    const first = bytes[at] === MINUS ? at + 1 : at;
    if (bytes[first] === ZERO && end - first > 1) return NOT_PLAIN;
    this.#by = value;
    return end + 1;
  }

  /** Adds to a batch what was read from these bytes. */
  addTo({ keys, bys }: Batch, bytes: Uint8Array): void {
    keys.push(this.#keys.text(bytes, this.#keyStart, this.#keyEnd, this.#hash));
    bys.push(this.#by);
  }
}

function behindBlank(bytes: Uint8Array, at: number): number {
  return at < bytes.length && bytes[at] === BLANK ? at + 1 : at;
}
