import { hashOf } from './key-hash.js';
import { Recent } from './recent.js';

/**
 * Keyed entries, spread over several Maps.
 *
 * One Map holds at most 2^24 entries, and rehashing a Map of 8 million stalls the thread for more
 * than a second. Over 256 Maps a rehash touches some 1/256 of the entries at a time.
 *
 * In front of the Maps stand the entries that were looked up last; see Recent.
 *
 * Keys come from users: they index Maps, never plain objects.
 */
export class Registry<E extends { readonly key: string }> {
  readonly #shards: Map<string, E>[] = Array.from({ length: SHARDS }, () => new Map());
  readonly #recent = new Recent<E>();
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
    const recent = this.#recent.get(key, hash);
    if (recent !== undefined) return recent;
    const entry = this.#shard(hash).get(key);
    if (entry !== undefined) this.#recent.put(entry, hash);
    return entry;
  }

  /** The same by the bytes that spell the key, but only of what was looked up lately. See Recent. */
  spelled(bytes: Uint8Array, start: number, end: number, hash: number): E | undefined {
    return this.#recent.spelled(bytes, start, end, hash);
  }

  /**
   * Adds an entry under a key that is not there yet. O(1), but for the growth of one shard.
   *
   * @returns false, and changes nothing, when the registry (or the key's own shard) is full.
   */
  add(entry: E): boolean {
    return this.load(entry) !== 'full';
  }

  /**
   * The same for one of very many entries, without a look whether its key is there.
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
    this.#recent.drop(hash);
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
    return this.#shards[shardOf(hash)] as Map<string, E>;
  }
}

const SHARDS = 256;

/** V8 throws a RangeError beyond 2^24 entries in one Map. */
const SHARD_LIMIT = 2 ** 24 - 1;

/**
 * The shard of a hash. The last gets twice as much as the first, and those between them their share:
 * Maps of one size would all be rehashed in the same turn, for a quarter of a second at eight million keys.
 */
function shardOf(hash: number): number {
  return Math.floor(SHARDS * (Math.sqrt(1 + (hash >>> 0) * (3 / 2 ** 32)) - 1));
}
