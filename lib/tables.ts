import { USERS } from './services/accounts/account.js';
import { COUNTER_TABLES } from './services/counters/tables.js';
import { POINT_TABLES } from './services/points/tables.js';
import type { Table } from './store/table.js';
import { IDEMPOTENCY } from './writes/idempotency.js';

/** What every server keeps in the file. */
export const COMMON_TABLES: readonly Table[] = [...COUNTER_TABLES, IDEMPOTENCY, USERS];

/** Everything that can be in the file. */
export const TABLES: readonly Table[] = [...COMMON_TABLES, ...POINT_TABLES];
