import type { Slice, StoreState } from '../store.js';
import type { Table } from '../table.js';
import type { Page } from './table-reader.js';

/**
 * What the store asks of its thread. Each request gets one answer, in the order of the requests,
 * but for `raise`: its outcome is left in the shared memory, for a store that blocks until then.
 */
export type Request =
  | { readonly type: 'open'; readonly path: string; readonly tables: readonly Table[] }
  | { readonly type: 'load'; readonly table: Table; readonly rowsMax: number }
  | { readonly type: 'begin' }
  | { readonly type: 'write'; readonly batch: number; readonly slice: Slice }
  | {
      readonly type: 'commit';
      readonly batch: number;
      readonly slice: Slice | undefined;
      readonly seq: number;
      readonly ceilingSeq: number;
    }
  | { readonly type: 'raise'; readonly number: number; readonly ceilingSeq: number }
  | { readonly type: 'close'; readonly seq: number | undefined };

export type Answer =
  | { readonly ok: true; readonly value: StoreState | Page | undefined }
  | { readonly ok: false; readonly message: string; readonly code: string; readonly refusal: boolean };

/** Shared memory of the store and its thread: the number of the last raise, and its outcome; the last batch on disk. */
export const RAISE_NUMBER = 0;
export const RAISE_DONE = 1;
export const COMMITTED = 2;
export const SHARED_SLOTS = 3;
