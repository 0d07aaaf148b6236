import type { Int64 } from '../../engine/int64.js';
import { duplicateParameter, readFormPart } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { toBytes } from '../../http/reply-buffer.js';
import { addItem, ITEM_PARAMETERS, itemTooLong } from './batch-item.js';
import type { Batch } from './batch-reader.js';
import { KEY_BYTES_MAX } from './key.js';
import type { Keys } from './keys.js';
import { readInteger } from './parameters.js';
import { hasAt, NOT_PLAIN, PlainScanner, plainBut } from './plain-scanner.js';
import type { RecordFormat } from './record-reader.js';
import { itemProblem } from './refusals.js';

const AMPERSAND = 0x26;
const KEY = toBytes('key=');
const VALUE = toBytes('value=');

const PLAIN_IN_FORM = plainBut('%+&');

/** A batch of a form's pairs: every `key` begins an item, and a `value` belongs to the key before it. */
export class FormPairs implements RecordFormat {
  readonly batch: Batch = { keys: [], bys: [] };
  readonly separator = AMPERSAND;
  readonly #keys: Keys;
  readonly #scanner = new PlainScanner();
  /** Whether the last item may still get its value. */
  #awaitsValue = false;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  readPlain(bytes: Uint8Array, at: number): number {
    if (hasAt(bytes, at, KEY)) return this.#readPlainKey(bytes, at + KEY.length);
    if (this.#awaitsValue && hasAt(bytes, at, VALUE)) return this.#readPlainValue(bytes, at + VALUE.length);
    return NOT_PLAIN;
  }

  #readPlainKey(bytes: Uint8Array, start: number): number {
    const scanner = this.#scanner;
    scanner.text(bytes, start, PLAIN_IN_FORM);
    const { end, hash } = scanner;
    if (end === start || end - start > KEY_BYTES_MAX || end >= bytes.length || bytes[end] !== AMPERSAND) return NOT_PLAIN;
    this.batch.keys.push(this.#keys.text(bytes, start, end, hash));
    this.batch.bys.push(1);
    this.#awaitsValue = true;
    return end + 1;
  }

  #readPlainValue(bytes: Uint8Array, start: number): number {
    const scanner = this.#scanner;
    if (!scanner.integer(bytes, start) || scanner.end >= bytes.length || bytes[scanner.end] !== AMPERSAND) return NOT_PLAIN;
    this.batch.bys[this.#lastIndex] = scanner.value;
    this.#awaitsValue = false;
    return scanner.end + 1;
  }

  read(pair: Uint8Array): Problem | undefined {
    const parameters = readFormPart(pair, ITEM_PARAMETERS);
    if (parameters instanceof Problem) {
      return itemProblem(parameters.field === 'key' ? this.#nextIndex : this.#lastIndex, parameters);
    }
    const [key, value] = parameters;
    if (key !== undefined) return this.#begin(key);
    return value === undefined ? undefined : this.#setValue(value);
  }

  #begin(text: string): Problem | undefined {
    const problem = addItem(this.batch, [text, undefined]);
    this.#awaitsValue = true;
    return problem && itemProblem(this.#nextIndex, problem);
  }

  #setValue(text: string): Problem | undefined {
    const by = this.#readValue(text);
    if (by instanceof Problem) return itemProblem(this.#lastIndex, by);
    this.batch.bys[this.#lastIndex] = by;
    this.#awaitsValue = false;
    return undefined;
  }

  #readValue(text: string): Int64 | Problem {
    if (this.#nextIndex === 0) return new Problem('missing-parameter', 'key is missing', 'key');
    return this.#awaitsValue ? readInteger(text, 'value') : duplicateParameter('value');
  }

  tooLong(beginning: Uint8Array): Problem {
    return itemTooLong(hasAt(beginning, 0, KEY) ? this.#nextIndex : this.#lastIndex);
  }

  get #nextIndex(): number {
    return this.batch.keys.length;
  }

  /** 0 where there is no item yet. */
  get #lastIndex(): number {
    return Math.max(this.batch.keys.length - 1, 0);
  }
}
