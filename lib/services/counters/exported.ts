import type { Int64 } from '../../engine/int64.js';
import type { RowReader } from '../../store/store.js';
import { NUMBERS } from './counter.js';
import type { Valued } from './counter-table.js';
import { WINDOWS } from './windows.js';

/** A counter on its way from one server to another, or to any other program. */
export interface Exported extends Valued {
  /** When it ends, by the time of day in milliseconds since 1970; `undefined` for one without an end. */
  readonly expiresMs: Int64 | undefined;
}

/**
 * The counters in a store whose keys begin with `prefix`, some thousands at a time, in the order in
 * which they were made. Those that have ended at `nowMs` are not among them.
 *
 * @throws StoreRefusal when a row is not of its table's types.
 */
export function* exportedCounters(rows: RowReader, prefix: string, nowMs: number): Generator<Exported[]> {
  for (const { length, columns } of rows.pages(NUMBERS)) {
    const [keys, values] = columns as [string[], Int64[]];
    const exported: Exported[] = [];
    for (let i = 0; i < length; i++) {
      const key = keys[i] as string;
      if (!key.startsWith(prefix)) continue;
      const expiresMs = rows.find(WINDOWS, [key])?.[1] as Int64 | undefined;
      if (expiresMs === undefined || expiresMs > nowMs) exported.push({ key, value: values[i] as Int64, expiresMs });
    }
    yield exported;
  }
}
