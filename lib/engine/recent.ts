interface Keyed {
  readonly key: string;
}

const SLOTS = 16_384;

/**
 * The entries that were looked up last, one for each slot of a small table.
 *
 * Traffic repeats its keys, and most of what a look-up takes is memory that is not in the
 * processor's cache. Here that is a slot, the entry and its key; a Map would be a walk. An entry
 * can also be found by the bytes that spell its key: then no string is made of them.
 */
export class Recent<E extends Keyed> {
  /**
   * For each slot the hash of its entry's key, which tells nearly every miss without a look at the entry, and
   * beside it, so that both come with one read from memory, the entry.
   */
  readonly #slots: (number | E | undefined)[] = new Array(2 * SLOTS).fill(undefined);

  /** @param hash of the key, see key-hash.ts. */
  get(key: string, hash: number): E | undefined {
    const entry = this.#at(hash);
    return entry?.key === key ? entry : undefined;
  }

  /** @param bytes ASCII from `start` up to, not including, `end`. */
  spelled(bytes: Uint8Array, start: number, end: number, hash: number): E | undefined {
    const entry = this.#at(hash);
    return entry !== undefined && spells(bytes, start, end, entry.key) ? entry : undefined;
  }

  put(entry: E, hash: number): void {
    const at = placeOf(hash);
    this.#slots[at] = hash;
    this.#slots[at + 1] = entry;
  }

  drop(hash: number): void {
    const at = placeOf(hash);
    this.#slots[at] = undefined;
    this.#slots[at + 1] = undefined;
  }

  #at(hash: number): E | undefined {
    const at = placeOf(hash);
    return this.#slots[at] === hash ? (this.#slots[at + 1] as E) : undefined;
  }
}

function placeOf(hash: number): number {
  return (hash & (SLOTS - 1)) * 2;
}

function spells(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
