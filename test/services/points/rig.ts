import type { Test } from 'tap';
import { WriteBehind } from '../../../dist/engine/write-behind.js';
import { PointService } from '../../../dist/services/points/service.js';
import { POINT_TABLES } from '../../../dist/services/points/tables.js';
import { SqliteStore } from '../../../dist/store/sqlite/sqlite-store.js';
import type { Store } from '../../../dist/store/store.js';
import { withDatabase } from '../../store/connection.js';
import { seeded } from './seeded.js';

/** Longer than any test: no drain and no tick comes by itself. */
export const LONG_MS = 600_000;

export interface RigOptions {
  readonly users: number;
  readonly seed: number;
  readonly store?: Store;
  readonly tickMs?: number;
  readonly wallMs?: () => number;
}

/** The points on a file, as a server has them. */
export class Rig {
  readonly store: Store;
  readonly writes: WriteBehind;
  readonly service: PointService;
  #isOpen = true;

  constructor(db: string, { users, seed, store, tickMs = LONG_MS, wallMs = Date.now }: RigOptions) {
    this.store = store ?? new SqliteStore(db, POINT_TABLES);
    this.writes = new WriteBehind({
      store: this.store,
      intervalMs: LONG_MS,
      waitMs: LONG_MS,
      queueCapacity: 2,
      nowMs: () => performance.now(),
      onStoreChange: () => undefined,
    });
    this.service = new PointService({
      writes: this.writes,
      pointsUsers: users,
      pointsTick: tickMs,
      durability: 'memory',
      wallMs,
      nowMs: () => performance.now(),
      random: seeded(seed),
    });
  }

  /** One that has begun; stopped at the end of the test, if the test does not. */
  static async begun(t: Test, db: string, options: RigOptions): Promise<Rig> {
    const rig = new Rig(db, options);
    t.teardown(() => rig.stop());
    const fault = await rig.load();
    if (fault !== undefined) throw new Error(fault);
    return rig;
  }

  /** Loads, and begins. Returns why that is impossible, if it is. */
  async load(): Promise<string | undefined> {
    const state = await this.store.open();
    const faults: (string | undefined)[] = [];
    for (const { table, take } of this.service.loadings) await this.store.load(table, (rows) => faults.push(take(rows)));
    const fault = faults.find((each) => each !== undefined);
    if (fault !== undefined) return fault;
    await this.store.begin();
    this.writes.start(state);
    this.service.start();
    return undefined;
  }

  /** Waits until everything is on disk. */
  async settled(): Promise<void> {
    await this.durable(this.writes.seq);
  }

  durable(seq: number): Promise<boolean> {
    return new Promise((resolve) => this.writes.whenDurable(seq, resolve));
  }

  /** Fires a tick, and waits until it is on disk. */
  async tick(): Promise<void> {
    const seq = await this.service.ticker.fire();
    if (seq === undefined || !(await this.durable(seq))) throw new Error('the tick is not on disk');
  }

  async stop(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.service.stop();
    const drained = await this.writes.stop(LONG_MS);
    await this.store.close(drained ? this.writes.seq : undefined);
  }
}

export interface UserRow {
  readonly id: number;
  readonly points: number;
  readonly inserted_at: number;
  readonly updated_at: number;
}

export interface StateRow {
  readonly tick: number;
  readonly threshold: number;
  readonly ticked_at: number;
}

/** What the file has: users in the order of their ids, and the one row of the state. */
export function filed(db: string): { users: UserRow[]; state: StateRow } {
  return withDatabase(db, (file) => {
    const users = file.prepare('SELECT * FROM points_users ORDER BY id').all() as UserRow[];
    const states = file.prepare('SELECT tick, threshold, ticked_at FROM points_state').all() as StateRow[];
    const [state] = states;
    if (state === undefined || states.length > 1) throw new Error(`${states.length} rows of the state`);
    return { users, state };
  });
}

export function pointsOf(users: readonly UserRow[]): number[] {
  return users.map(({ points }) => points);
}
