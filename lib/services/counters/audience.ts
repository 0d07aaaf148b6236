import type { FeedReader, Filter } from './feed-reader.js';

/** Readers who follow the same counters, and so get the same. */
export interface Group {
  readonly readers: Set<FeedReader>;
  /** What is to be sent to them, in the order of the writes. */
  chunk: string;
  /** Whether the last event in it has an id. */
  endsWithId: boolean;
}

/** Finds those who follow a key: by the key itself, and by each of its beginnings that someone follows. */
export class Audience {
  readonly #groups = new Map<string, Group>();
  readonly #byKey = new Map<string, Set<Group>>();
  readonly #byPrefix = new Map<string, Group>();
  /** How many of the prefixes that are followed have each length. */
  readonly #lengths = new Map<number, number>();

  add(reader: FeedReader): void {
    const name = nameOf(reader.filter);
    const group = this.#groups.get(name);
    if (group === undefined) this.#open(name, reader);
    else group.readers.add(reader);
  }

  #open(name: string, reader: FeedReader): void {
    const { filter } = reader;
    const group = { readers: new Set([reader]), chunk: '', endsWithId: true };
    this.#groups.set(name, group);
    if ('prefix' in filter) {
      this.#byPrefix.set(filter.prefix, group);
      this.#lengths.set(filter.prefix.length, (this.#lengths.get(filter.prefix.length) ?? 0) + 1);
      return;
    }
    for (const key of filter.keys) {
      const groups = this.#byKey.get(key);
      if (groups === undefined) this.#byKey.set(key, new Set([group]));
      else groups.add(group);
    }
  }

  remove(reader: FeedReader): void {
    const name = nameOf(reader.filter);
    const group = this.#groups.get(name);
    if (group === undefined || !group.readers.delete(reader) || group.readers.size > 0) return;
    this.#groups.delete(name);
    const { filter } = reader;
    if ('prefix' in filter) {
      this.#byPrefix.delete(filter.prefix);
      const count = (this.#lengths.get(filter.prefix.length) ?? 1) - 1;
      if (count > 0) this.#lengths.set(filter.prefix.length, count);
      else this.#lengths.delete(filter.prefix.length);
      return;
    }
    for (const key of filter.keys) {
      const groups = this.#byKey.get(key);
      groups?.delete(group);
      if (groups?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Visits the groups that follow a key. O(lengths of prefixes), and those groups. */
  visit(key: string, visit: (group: Group) => void): void {
    for (const group of this.#byKey.get(key) ?? NOBODY) visit(group);
    for (const length of this.#lengths.keys()) {
      const group = length > key.length ? undefined : this.#byPrefix.get(key.slice(0, length));
      if (group !== undefined) visit(group);
    }
  }
}

const NOBODY: Iterable<Group> = [];

/** The same for two filters only where they are the same. No key has a control character in it. */
function nameOf(filter: Filter): string {
  return 'prefix' in filter ? `prefix\n${filter.prefix}` : `keys\n${[...filter.keys].sort().join('\n')}`;
}
