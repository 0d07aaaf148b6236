interface Keyed {
  readonly key: string;
}

const SLOTS = 16_384;

/**
 * The entries that were looked up last, one for each slot of a small table.
 *
 * Traffic repeats its keys, and most of what a look-up takes is memory that is not in the
 * processor's cache. Here that is a hash, a slot, the entry and its key; a Map would be a walk.
 * An entry can also be found by the bytes that spell its key: then no string is made of them.
 */
export class Recent<E extends Keyed> {
  readonly #entries: (E | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Of the entries' keys. They tell nearly every miss without a look at an entry. */
  readonly #hashes = new Int32Array(SLOTS);

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
    const slot = hash & (SLOTS - 1);
    this.#entries[slot] = entry;
    this.#hashes[slot] = hash;
  }

  drop(hash: number): void {
    this.#entries[hash & (SLOTS - 1)] = undefined;
  }

  #at(hash: number): E | undefined {
    const slot = hash & (SLOTS - 1);
    return this.#hashes[slot] === hash ? this.#entries[slot] : undefined;
  }
}

function spells(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
