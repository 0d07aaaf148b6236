import { ExpiryHeap } from '../../engine/expiry-heap.js';
import { Registry } from '../../engine/registry.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { CLEAN, type Dirtyable, type WriteQueue } from '../../engine/write-queue.js';
import type { Columns } from '../../store/store.js';
import { Deletion, type Table } from '../../store/table.js';

export const WINDOWS: Table = {
  name: 'incrementer_windows',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'expires_ms', type: 'integer' },
  ],
  key: ['key'],
};

/** When a counter ends. `isGone`: it has ended, and the window's row is still to be deleted. */
class Window implements Dirtyable {
  readonly key: string;
  /** Time of day, in milliseconds since 1970. */
  expiresMs: number;
  heapIndex = -1;
  isGone = false;
  dirtyIn = CLEAN;

  constructor(key: string, expiresMs: number) {
    this.key = key;
    this.expiresMs = expiresMs;
  }
}

/**
 * The ends of those counters that have one. What has ended stays here until its counter is taken
 * out with it: whoever asks for a value asks here first.
 */
export class Windows {
  readonly #wallMs: () => number;
  readonly #registry = new Registry<Window>(Number.POSITIVE_INFINITY);
  readonly #byExpiry = new ExpiryHeap<Window>();
  readonly #queue: WriteQueue<Window>;

  /** @param wallMs the time of day. */
  constructor(writes: WriteBehind, wallMs: () => number) {
    this.#wallMs = wallMs;
    this.#queue = writes.queue({
      table: WINDOWS,
      change: (window: Window) => (window.isGone ? new Deletion([window.key]) : [window.key, window.expiresMs]),
      onClean: (window: Window) => {
        if (window.isGone) this.#registry.delete(window.key);
      },
    });
  }

  /**
   * Takes in rows of WINDOWS as the store has them. One without a counter, which another program
   * must have deleted, is deleted too: a counter that comes to be later has no end.
   *
   * @param isCounted whether there is a counter of that key.
   */
  load({ length, columns }: Columns, isCounted: (key: string) => boolean): undefined {
    const [keys, expiries] = columns as [string[], number[]];
    for (let i = 0; i < length; i++) {
      const window = new Window(keys[i] as string, expiries[i] as number);
      window.isGone = !isCounted(window.key);
      if (!window.isGone) this.#byExpiry.push(window);
      else if (!this.#queue.admitWhileLoading(window)) continue;
      this.#registry.add(window);
    }
  }

  /** None, and looking for one is a waste of time. */
  get isEmpty(): boolean {
    return this.#registry.size === 0;
  }

  /** Whether one more can be opened, or ended, now. */
  get hasRoom(): boolean {
    return this.#queue.room > 0;
  }

  /** Whether a counter has ended. */
  isOver(key: string): boolean {
    const leftMs = this.leftMs(key);
    return leftMs !== undefined && leftMs <= 0;
  }

  /** Milliseconds until the counter ends; 0 or less when it has. `undefined` for one without an end. */
  leftMs(key: string): number | undefined {
    const endMs = this.endMs(key);
    return endMs === undefined ? undefined : endMs - this.nowMs;
  }

  /** When the counter ends, by the time of day; `undefined` for one without an end. */
  endMs(key: string): number | undefined {
    const window = this.#registry.get(key);
    return window === undefined || window.isGone ? undefined : window.expiresMs;
  }

  /** The time of day, in milliseconds since 1970. */
  get nowMs(): number {
    return this.#wallMs();
  }

  /** Has a counter end in `ttlMs`. It has no window, and there is room. */
  open(key: string, ttlMs: number): void {
    const expiresMs = this.#wallMs() + ttlMs;
    const known = this.#registry.get(key);
    const window = known ?? new Window(key, expiresMs);
    if (known === undefined) this.#registry.add(window);
    this.#queue.admit(window);
    window.isGone = false;
    window.expiresMs = expiresMs;
    this.#byExpiry.push(window);
  }

  /** Takes out a counter's window, if it has one. There is room. */
  end(key: string): void {
    const window = this.#registry.get(key);
    if (window === undefined || window.isGone) return;
    this.#queue.admit(window);
    window.isGone = true;
    this.#byExpiry.remove(window);
  }

  /** The key of a counter that has ended; `undefined` when there is none. O(1). */
  firstOver(): string | undefined {
    const first = this.#byExpiry.first();
    return first !== undefined && first.expiresMs <= this.#wallMs() ? first.key : undefined;
  }
}
