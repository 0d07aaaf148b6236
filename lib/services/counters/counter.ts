import type { Int64 } from '../../engine/int64.js';
import { CLEAN, type Dirtyable } from '../../engine/write-queue.js';
import type { Table } from '../../store/table.js';

export const NUMBERS: Table = {
  name: 'numbers',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'value', type: 'integer', default: 0 },
  ],
  key: ['key'],
};

/** A key and its value. There may be tens of millions: every field here costs eight bytes each. */
export class Counter implements Dirtyable {
  readonly key: string;
  /** `undefined` when it was deleted, and its row is still to be deleted: no key is ever in the queue twice. */
  value: Int64 | undefined;
  dirtyIn = CLEAN;

  constructor(key: string, value?: Int64) {
    this.key = key;
    this.value = value;
  }
}
