import type { Columns, Slice, StoreState } from '../store.js';
import type { Table } from '../table.js';

/** What the store asks of its thread. Each request gets one answer, in the order of the requests. */
export type Request =
  | { readonly type: 'open'; readonly path: string; readonly tables: readonly Table[] }
  | { readonly type: 'load'; readonly table: Table; readonly rowsMax: number }
  | { readonly type: 'write'; readonly batch: number; readonly slice: Slice }
  | {
      readonly type: 'commit';
      readonly batch: number;
      readonly slice: Slice | undefined;
      readonly seq: number;
      readonly ceilingSeq: number;
    }
  | { readonly type: 'close'; readonly seq: number | undefined };

export type Answer =
  | { readonly ok: true; readonly value: StoreState | Columns | undefined }
  | { readonly ok: false; readonly message: string; readonly code: string; readonly refusal: boolean };
