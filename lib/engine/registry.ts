/**
 * Keyed entries, spread over several Maps.
 *
 * One Map holds at most 2^24 entries, and rehashing a Map of 8 million stalls the thread for more
 * than a second. Over 256 Maps a rehash touches 1/256 of the entries at a time.
 *
 * Keys come from users: they index Maps, never plain objects.
 */
export class Registry<E extends { readonly key: string }> {
  readonly #shards: Map<string, E>[] = Array.from({ length: SHARDS }, () => new Map());
  readonly #limit: number;
  #size = 0;

  /** @param limit how many entries it takes at the most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get limit(): number {
    return this.#limit;
  }

  /** O(1). */
  get(key: string): E | undefined {
    return this.#shard(key).get(key);
  }

  /**
   * Adds an entry under a key that is not there yet. O(1), but for the growth of one shard.
   *
   * @returns false, and changes nothing, when the registry (or the key's own shard) is full.
   */
  add(entry: E): boolean {
    const shard = this.#shard(entry.key);
    if (this.#size >= this.#limit || shard.size >= SHARD_LIMIT) return false;
    shard.set(entry.key, entry);
    this.#size++;
    return true;
  }

  #shard(key: string): Map<string, E> {
    return this.#shards[shardOf(key)] as Map<string, E>;
  }
}

const SHARDS = 256;

/** V8 throws a RangeError beyond 2^24 entries in one Map. */
const SHARD_LIMIT = 2 ** 24 - 1;

/**
 * Which shard a key belongs to, 0 … 255. It looks at the length and four characters only: keys
 * differ most at their end, and a full hash would cost more than the look-up that it speeds up.
 * Keys made to share a shard cost no more than one large Map does.
 */
function shardOf(key: string): number {
  const length = key.length;
  if (length < 4) return (length * 67 + (key.charCodeAt(0) | 0) * 31 + (key.charCodeAt(length - 1) | 0)) & 255;
  const hash =
    key.charCodeAt(length - 1) +
    key.charCodeAt(length - 2) * 11 +
    key.charCodeAt(length - 3) * 101 +
    key.charCodeAt(length >> 1) * 37;
  return (hash + length * 67) & 255;
}
