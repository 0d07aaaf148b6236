import type { WriteBehind } from '../../engine/write-behind.js';
import type { Durability } from '../../writes/durability.js';
import type { Writer } from '../../writes/writer.js';
import type { CounterTable } from './counter-table.js';
import type { Counters } from './counters.js';

/** What the routes of the counters work with. */
export interface RouteParts {
  readonly counters: Counters;
  readonly table: CounterTable;
  readonly writes: WriteBehind;
  readonly writer: Writer;
  /** Of a write that does not say. */
  readonly durability: Durability;
}
