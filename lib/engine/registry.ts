/**
 * Keyed entries, spread over several Maps.
 *
 * One Map holds at most 2^24 entries, and rehashing a Map of 8 million stalls the thread for more
 * than a second. Over 256 Maps a rehash touches 1/256 of the entries at a time.
 *
 * In front of the Maps stands a small table of the entries that were looked up last: traffic
 * repeats its keys, and a hit there costs a comparison of strings, where a Map has to walk memory
 * that is seldom in the processor's cache. In a profile the Map was the dearest of our functions.
 *
 * Keys come from users: they index Maps, never plain objects.
 */
export class Registry<E extends { readonly key: string }> {
  readonly #shards: Map<string, E>[] = Array.from({ length: SHARDS }, () => new Map());
  readonly #recent: (E | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #limit: number;
  #size = 0;
  /** The most that one ever had. */
  #largestShard = 0;

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

  /** How many more it takes for certain, whatever their keys are. */
  get room(): number {
    return Math.min(this.#limit - this.#size, SHARD_LIMIT - this.#largestShard);
  }

  /** O(1). */
  get(key: string): E | undefined {
    const hash = hashOf(key);
    const slot = hash & (RECENT - 1);
    const recent = this.#recent[slot];
    if (recent !== undefined && recent.key === key) return recent;
    const entry = this.#shard(hash).get(key);
    if (entry !== undefined) this.#recent[slot] = entry;
    return entry;
  }

  /**
   * Adds an entry under a key that is not there yet. O(1), but for the growth of one shard.
   *
   * @returns false, and changes nothing, when the registry (or the key's own shard) is full.
   */
  add(entry: E): boolean {
    const shard = this.#shard(hashOf(entry.key));
    if (this.#size >= this.#limit || shard.size >= SHARD_LIMIT) return false;
    shard.set(entry.key, entry);
    this.#size++;
    if (shard.size > this.#largestShard) this.#largestShard = shard.size;
    return true;
  }

  /**
   * The same for one of very many entries, whose keys are looked up but once.
   *
   * @returns `known` when there was an entry with this key, which is lost then.
   */
  load(entry: E): 'added' | 'known' | 'full' {
    const shard = this.#shard(hashOf(entry.key));
    const { size } = shard;
    if (this.#size >= this.#limit || size >= SHARD_LIMIT) return 'full';
    shard.set(entry.key, entry);
    if (shard.size === size) return 'known';
    this.#size++;
    if (size >= this.#largestShard) this.#largestShard = size + 1;
    return 'added';
  }

  /** Takes an entry out. O(1). */
  delete(key: string): void {
    const hash = hashOf(key);
    this.#recent[hash & (RECENT - 1)] = undefined;
    if (this.#shard(hash).delete(key)) this.#size--;
  }

  /**
   * Every entry, shard by shard, in no useful order. Entries may come and go between two steps:
   * whoever does so may be visited or not, and twice if it went and came back; all others are
   * visited once.
   */
  *entries(): Generator<E, void, undefined> {
    for (const shard of this.#shards) yield* shard.values();
  }

  #shard(hash: number): Map<string, E> {
    return this.#shards[hash & (SHARDS - 1)] as Map<string, E>;
  }
}

const SHARDS = 256;
const RECENT = 16_384;

/** V8 throws a RangeError beyond 2^24 entries in one Map. */
const SHARD_LIMIT = 2 ** 24 - 1;

/**
 * A hash of fourteen good bits. It looks at the length and four characters only: keys differ most
 * at their end, and a full hash would cost more than the look-up that it speeds up. Keys made to
 * collide fare as in one large Map.
 *
 * The shards' shares are not quite equal, and had better not be: shards of one size would all be
 * rehashed in the same turn, for a quarter of a second at eight million keys.
 */
function hashOf(key: string): number {
  const { length } = key;
  const middle = code(key, length >> 1) + length * 31;
  return ((middle * 31 + code(key, length - 3)) * 31 + code(key, length - 2)) * 31 + code(key, length - 1);
}

/** A character's code, 0 outside the key. */
function code(key: string, index: number): number {
  return index >= 0 && index < key.length ? key.charCodeAt(index) : 0;
}
