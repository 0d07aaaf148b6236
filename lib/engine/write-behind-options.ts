import type { Store } from '../store/store.js';
import type { DrainFailure, DrainReport } from './write-behind-status.js';

export interface WriteBehindOptions {
  readonly store: Store;
  /** Time from one drain to the next, in milliseconds. */
  readonly intervalMs: number;
  /** How long anyone waits for a commit at the most, in milliseconds. */
  readonly waitMs: number;
  /** How many dirty entries each table's queue holds at the most. */
  readonly queueCapacity: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs: () => number;
  /** Called once per change: with the error when commits begin to fail, without when they work. */
  readonly onStoreChange: (error?: Error) => void;
  /** Called after each drain, before those who waited for it are told. It must not throw. */
  readonly onDrain?: ((drain: DrainReport | DrainFailure) => void) | undefined;
}
