import type { Columns } from '../../store/store.js';
import { POINTS_MAX, POINTS_STATE, POINTS_USERS, USERS_MAX } from './tables.js';

/** What the file has of the points, as far as it was read. */
export class LoadedPoints {
  /** By id. It has room for more than there are. */
  points: Uint8Array;
  /** Rows that were read. */
  count = 0;
  /** The highest id. Where it is more than `count`, there are gaps below it. */
  highest = 0;
  /** `undefined` where there is no row that says so: no server has made the users yet. */
  state: { readonly tick: number; readonly threshold: number; readonly atMs: number } | undefined;

  /** @param users how many are expected. */
  constructor(users: number) {
    this.points = new Uint8Array(users);
  }

  /** Takes in the columns `id` and `points`. Returns why that is impossible, if it is. */
  takeUsers({ length, columns }: Columns): string | undefined {
    const [ids, points] = columns as [number[], number[]];
    for (let i = 0; i < length; i++) {
      const id = ids[i] as number;
      const has = points[i] as number;
      if (!(id >= 1 && id <= USERS_MAX)) return `${POINTS_USERS.name} has the id ${id}: ids are from 1 to ${USERS_MAX}`;
      if (!isPoints(has)) return `${POINTS_USERS.name} has ${has} points with the id ${id}: points are from 0 to ${POINTS_MAX}`;
      if (id > this.points.length) this.#grow(id);
      this.points[id - 1] = has;
      this.highest = Math.max(this.highest, id);
    }
    this.count += length;
    return undefined;
  }

  /** Takes in the one row of POINTS_STATE. Returns why that is impossible, if it is. */
  takeState({ length, columns }: Columns): string | undefined {
    const [ids, ticks, thresholds, times] = columns as [number[], number[], number[], number[]];
    if (length !== 1 || this.state !== undefined || ids[0] !== 1) return `${POINTS_STATE.name} has more than one row`;
    const [tick = 0] = ticks;
    const [threshold = 0] = thresholds;
    const [atMs = 0] = times;
    const isPossible = tick >= 0 && Number.isSafeInteger(tick) && isPoints(threshold) && Math.abs(atMs) <= DATE_MS_MAX;
    if (!isPossible) return `${POINTS_STATE.name} has a tick that can't be: ${tick}, ${threshold}, ${atMs}`;
    this.state = { tick, threshold, atMs };
    return undefined;
  }

  #grow(users: number): void {
    const grown = new Uint8Array(Math.min(USERS_MAX, Math.max(users, this.points.length * 2)));
    grown.set(this.points);
    this.points = grown;
  }
}

/** The range of a Date (ECMA-262, section 21.4.1.1). */
const DATE_MS_MAX = 8.64e15;

function isPoints(value: number): boolean {
  return value >= 0 && value <= POINTS_MAX;
}
