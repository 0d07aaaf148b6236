import type { Table } from '../../store/table.js';
import { NUMBERS } from './counter.js';
import { SOURCES } from './sources.js';
import { WINDOWS } from './windows.js';

/** What the counters have in the store, in the order in which it is loaded. */
export const COUNTER_TABLES: readonly Table[] = [NUMBERS, WINDOWS, SOURCES];
