import { type Action, keysOf } from './action.js';
import type { Said, World } from './counter-model.js';
import { type Explanation, explain, type Known, type Loose } from './history.js';
import type { Write } from './write.js';

/** A write that has a number: that of its reply, or of the one that is kept on disk. */
export interface Numbered {
  readonly write: Write;
  readonly said: Said;
  /** Its Idempotency-Key is on disk. */
  readonly isKept: boolean;
  /** Its number is not above the disk's. */
  readonly isThere: boolean;
}

/** Counters that are written to together, and what was written to them. */
export class Group {
  readonly keys = new Set<string>();
  readonly #numbered = new Map<Known, Numbered>();
  readonly #loose: Loose[] = [];

  add(numbered: Numbered): void {
    const { action, at, ackedMs } = numbered.write;
    this.#numbered.set({ action, reply: numbered.said, at, ackedMs }, numbered);
  }

  addLoose({ action, at, sentMs }: Write, isLost: boolean): void {
    this.#loose.push({ action, at, sentMs, isLost });
  }

  /** Looks for an order that explains everything. Returns also the writes that may have changed nothing. */
  explain(before: World, disk: World, diskSeq: number): Pick<Explanation, 'fault'> & { idle: ReadonlySet<Numbered> } {
    const { fault, idle } = explain({
      before: this.#of(before),
      known: [...this.#numbered.keys()],
      loose: this.#loose,
      disk: this.#of(disk),
      diskSeq,
      untilMs: Date.now(),
    });
    return { fault, idle: new Set([...idle].map((known) => this.#numbered.get(known) as Numbered)) };
  }

  #of(world: World): World {
    return new Map([...world].filter(([key]) => this.keys.has(key)));
  }
}

/** All counters in groups: those that were in one batch are in one. */
export class Groups {
  readonly #byKey = new Map<string, Group>();

  /** @param keys of counters that may not be written to at all. */
  constructor(writes: readonly Write[], keys: Iterable<string>) {
    for (const { action } of writes) this.#join(keysOf(action));
    for (const key of keys) this.#group(key);
  }

  of(action: Action): Group {
    return this.#group(keysOf(action)[0] ?? '');
  }

  all(): Iterable<Group> {
    return new Set(this.#byKey.values());
  }

  #group(key: string): Group {
    const group = this.#byKey.get(key) ?? new Group();
    this.#byKey.set(key, group);
    group.keys.add(key);
    return group;
  }

  #join(keys: readonly string[]): void {
    const [first, ...others] = keys.map((key) => this.#group(key));
    for (const other of others) {
      if (first === undefined || other === first) continue;
      for (const key of other.keys) {
        first.keys.add(key);
        this.#byKey.set(key, first);
      }
    }
  }
}
