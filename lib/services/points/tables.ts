import type { Table } from '../../store/table.js';

/** Points are whole numbers from 0 to this, and so is the threshold. */
export const POINTS_MAX = 100;

/** What two rows of typed arrays take for each of them is bounded by this: 160 MiB. */
export const USERS_MAX = 2 ** 24;

/** Times are in milliseconds since 1970. */
export const POINTS_USERS: Table = {
  name: 'points_users',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'points', type: 'integer', default: 0 },
    { name: 'inserted_at', type: 'integer', isKept: true },
    { name: 'updated_at', type: 'integer' },
  ],
  key: ['id'],
};

/**
 * The last whole tick: one row. It is written in the same batch as the points that it goes with.
 * Without its threshold nobody could say after a restart who is above it.
 */
export const POINTS_STATE: Table = {
  name: 'points_state',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'tick', type: 'integer', default: 0 },
    { name: 'threshold', type: 'integer', default: 0 },
    { name: 'ticked_at', type: 'integer' },
  ],
  key: ['id'],
};

/** What the points have in the store. */
export const POINT_TABLES: readonly Table[] = [POINTS_STATE, POINTS_USERS];
