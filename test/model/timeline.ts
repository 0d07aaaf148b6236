/** A change of one entry of a map, which can be taken back and made again. */
interface Change {
  /** The write that it belongs to. */
  readonly seq: number;
  readonly undo: () => void;
  readonly redo: () => void;
}

export interface Mark {
  readonly seq: number;
  readonly count: number;
}

/** Numbers the writes and remembers what they changed, so that one can see how things were after each of them. */
export class Timeline {
  #changes: Change[] = [];
  #seq = 0;

  /** The last write. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether something was changed that no write has been numbered for. */
  get isChanged(): boolean {
    return (this.#changes.at(-1)?.seq ?? 0) > this.#seq;
  }

  /** Ends a write: what was changed since the one before belongs to it. */
  stamp(): number {
    return ++this.#seq;
  }

  /** Makes a change that belongs to the next write. */
  change(redo: () => void, undo: () => void): void {
    this.#changes.push({ seq: this.#seq + 1, undo, redo });
    redo();
  }

  mark(): Mark {
    return { seq: this.#seq, count: this.#changes.length };
  }

  goBack({ seq, count }: Mark): void {
    for (const { undo } of this.#changes.splice(count).reverse()) undo();
    this.#seq = seq;
  }

  /** Looks at how things were after a write. */
  asOf<T>(seq: number, look: () => T): T {
    const later = this.#changes.filter((change) => change.seq > seq);
    for (const { undo } of later.toReversed()) undo();
    const seen = look();
    for (const { redo } of later) redo();
    return seen;
  }

  /** Nobody will look at what was before this write any more. */
  forget(seq: number): void {
    this.#changes = this.#changes.filter((change) => change.seq > seq);
  }

  /** What came after a write has never been. The next write is the one after `last`. */
  lose(seq: number, last: number): void {
    this.goBack({ seq: last, count: this.#changes.filter((change) => change.seq <= seq).length });
    this.#changes = [];
  }
}

/** A Map on a timeline. */
export class Tracked<V> {
  readonly #timeline: Timeline;
  readonly #map = new Map<string, V>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  /** Gives a key a value; `undefined` takes it out. */
  set(key: string, value: V | undefined): void {
    const before = this.#map.get(key);
    this.#timeline.change(
      () => this.#put(key, value),
      () => this.#put(key, before),
    );
  }

  keys(): string[] {
    return [...this.#map.keys()];
  }

  entries(): [key: string, value: V][] {
    return [...this.#map];
  }

  #put(key: string, value: V | undefined): void {
    if (value === undefined) this.#map.delete(key);
    else this.#map.set(key, value);
  }
}
