import type { Problem } from '../../http/problem.js';
import { addJsonItem, itemTooLong } from './batch-item.js';
import type { Batch } from './batch-reader.js';
import type { Keys } from './keys.js';
import { PlainItem } from './plain-item.js';
import { behindBlanks, NOT_PLAIN } from './plain-scanner.js';
import type { RecordFormat } from './record-reader.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A batch of one JSON object a line. Lines of blanks are no items. */
export class NdjsonLines implements RecordFormat {
  readonly batch: Batch = { keys: [], bys: [] };
  readonly separator = NEWLINE;
  readonly #plain: PlainItem;

  constructor(keys: Keys) {
    this.#plain = new PlainItem(keys);
  }

  readPlain(bytes: Uint8Array, at: number): number {
    let end = this.#plain.read(bytes, at);
    if (end === NOT_PLAIN) return NOT_PLAIN;
    if (end < bytes.length && bytes[end] === RETURN) end++;
    if (end >= bytes.length || bytes[end] !== NEWLINE) return NOT_PLAIN;
    this.#plain.addTo(this.batch, bytes);
    return end + 1;
  }

  read(line: Uint8Array): Problem | undefined {
    return behindBlanks(line, 0) === line.length ? undefined : addJsonItem(this.batch, this.#plain, line);
  }

  tooLong(): Problem {
    return itemTooLong(this.batch.keys.length);
  }
}
