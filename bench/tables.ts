import type { Table } from './comparison.js';
import { INCREMENT_TABLES } from './tables/increments.js';
import { routeTables, seedTables } from './tables/seeds.js';

/** How much is looked at. */
export interface Sizes {
  /** Users with points. */
  readonly users: number;
  /** Requests to the load lab. */
  readonly labRequests: number;
}

/** All tables, in the order in which they run. */
export function tables(sizes: Sizes): Table[] {
  return [...seedTables(sizes), ...INCREMENT_TABLES, ...routeTables(sizes)];
}
