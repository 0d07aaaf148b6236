import { Problem } from '../../http/problem.js';
import { addJsonItem, ITEM_BYTES_MAX, itemTooLong } from './batch-item.js';
import type { Batch, BatchReader } from './batch-reader.js';
import { CarryOver } from './carry-over.js';
import { ItemExtent } from './item-extent.js';
import type { Keys } from './keys.js';
import { PlainItem } from './plain-item.js';
import { behindBlanks, NOT_PLAIN } from './plain-scanner.js';

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

/**
 * Reads a batch of a JSON array of objects, item by item as they come in. To read it as one text
 * would keep up to 16 MiB of it as bytes, as a string and as objects, and would parse them in one
 * turn.
 */
export class JsonArrayReader implements BatchReader {
  readonly #batch: Batch = { keys: [], bys: [] };
  readonly #plain: PlainItem;
  readonly #extent = new ItemExtent();
  /** The item that the pieces so far have not ended. */
  readonly #carry = new CarryOver(ITEM_BYTES_MAX);
  /** What comes next, unless an item is unfinished. */
  #next: 'array' | 'item or end' | 'item' | 'nothing' = 'array';

  constructor(keys: Keys) {
    this.#plain = new PlainItem(keys);
  }

  push(piece: Uint8Array): Problem | undefined {
    let at = 0;
    if (!this.#carry.isEmpty) {
      const end = this.#readItem(piece, 0);
      if (end instanceof Problem) return end;
      at = end;
    }
    for (;;) {
      at = behindBlanks(piece, at);
      if (at === piece.length) return undefined;
      const end = this.#read(piece, at);
      if (end instanceof Problem) return end;
      at = end;
    }
  }

  end(): Batch | Problem {
    return this.#next === 'nothing' ? this.#batch : new Problem('malformed-body', 'the body is not JSON: it has no end');
  }

  /** Reads what comes next, which is no blank. Returns where that ends. */
  #read(piece: Uint8Array, at: number): number | Problem {
    switch (this.#next) {
      case 'array':
        if (piece[at] !== OPENING_BRACKET) return new Problem('malformed-body', 'the body is not a JSON array');
        this.#next = 'item or end';
        return at + 1;
      case 'item or end':
        if (piece[at] === CLOSING_BRACKET) return this.#pass(piece, at);
        break;
      case 'nothing':
        return new Problem('malformed-body', 'the body is not JSON: something follows its array');
    }
    const end = this.#readPlainItem(piece, at);
    return end === NOT_PLAIN ? this.#readItem(piece, at) : end;
  }

  /** Returns where what follows the item ends, or NOT_PLAIN when it has to be read by #readItem. */
  #readPlainItem(piece: Uint8Array, at: number): number {
    const itemEnd = this.#plain.read(piece, at);
    if (itemEnd === NOT_PLAIN) return NOT_PLAIN;
    const end = behindBlanks(piece, itemEnd);
    if (end === piece.length || end - at > ITEM_BYTES_MAX) return NOT_PLAIN;
    if (piece[end] !== COMMA && piece[end] !== CLOSING_BRACKET) return NOT_PLAIN;
    this.#plain.addTo(this.#batch, piece);
    return this.#pass(piece, end);
  }

  /** Reads an item, or the rest of one, with what follows it. Keeps what this piece does not end. */
  #readItem(piece: Uint8Array, at: number): number | Problem {
    const end = this.#extent.end(piece, at);
    if (!this.#carry.add(piece, at, end)) return itemTooLong(this.#batch.keys.length);
    if (end === piece.length) return end;
    const problem = addJsonItem(this.#batch, this.#plain, this.#carry.bytes);
    this.#carry.clear();
    return problem ?? this.#pass(piece, end);
  }

  /** Passes the comma behind an item, or the array's end. */
  #pass(piece: Uint8Array, at: number): number {
    this.#next = piece[at] === COMMA ? 'item' : 'nothing';
    return at + 1;
  }
}
