import { add, type Int64 } from '../../engine/int64.js';
import type { Problem } from '../../http/problem.js';
import type { RowEditor } from '../../store/store.js';
import { NUMBERS } from './counter.js';
import type { ImportItem } from './import-item.js';
import { notAWindow, overflow } from './refusals.js';
import { SOURCES } from './sources.js';
import { WINDOWS } from './windows.js';

/** `add`: what an item has is added, as POST /increment does. `set`: it is put there, as PUT does. */
export type ImportMode = 'add' | 'set';

/** A counter that counts at the moment of the import. */
interface Counting {
  readonly value: Int64;
  readonly expiresMs: Int64 | undefined;
}

/**
 * Brings items into a store on which no server runs, one after the other: a key that comes again
 * meets what its items before have made of it.
 */
export class Importer {
  readonly #rows: RowEditor;
  readonly #mode: ImportMode;
  /** The time of day at which all of it counts as done. */
  readonly nowMs: number;
  /** How many counters were made. */
  added = 0;
  /** How many items were left out, as they have ended. */
  ended = 0;
  /** How many items there were. */
  items = 0;

  constructor(rows: RowEditor, mode: ImportMode, nowMs: number) {
    this.#rows = rows;
    this.#mode = mode;
    this.nowMs = nowMs;
  }

  /** Brings in an item, or says why that is impossible: then nothing of the whole import may stay. */
  take(item: ImportItem): Problem | undefined {
    this.items++;
    if (item.expiresMs !== undefined && item.expiresMs <= this.nowMs) {
      this.ended++;
      return undefined;
    }
    const counting = this.#find(item.key);
    if (counting === undefined) return this.#begin(item);
    return this.#mode === 'add' ? this.#add(item, counting) : this.#set(item);
  }

  /** What a server would find: not what has ended. */
  #find(key: string): Counting | undefined {
    const value = this.#rows.find(NUMBERS, [key])?.[1] as Int64 | undefined;
    if (value === undefined) return undefined;
    const expiresMs = this.#rows.find(WINDOWS, [key])?.[1] as Int64 | undefined;
    return expiresMs !== undefined && expiresMs <= this.nowMs ? undefined : { value, expiresMs };
  }

  /** The counter that had the key before, if there was one, is over, and so are its window and its sources. */
  #begin(item: ImportItem): undefined {
    this.#rows.delete(WINDOWS, [item.key]);
    this.#rows.delete(SOURCES, [item.key]);
    this.added++;
    return this.#set(item);
  }

  #set({ key, value, expiresMs }: ImportItem): undefined {
    this.#rows.put(NUMBERS, [key, value]);
    if (expiresMs !== undefined) this.#rows.put(WINDOWS, [key, expiresMs]);
  }

  /** The end that it has stays, as with an increment that says `ttl`. */
  #add({ key, value: by, expiresMs }: ImportItem, counting: Counting): Problem | undefined {
    if (expiresMs !== undefined && counting.expiresMs === undefined) return notAWindow(key);
    const value = add(counting.value, by);
    if (value === undefined) return overflow(key, counting.value, by);
    this.#rows.put(NUMBERS, [key, value]);
    return undefined;
  }
}
