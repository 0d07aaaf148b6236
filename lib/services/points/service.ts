import { randomFillSync } from 'node:crypto';
import type { WriteBehind } from '../../engine/write-behind.js';
import type { Route } from '../../http/route.js';
import type { Columns } from '../../store/store.js';
import type { Table } from '../../store/table.js';
import type { Durability } from '../../writes/durability.js';
import { QueryReply } from './query-reply.js';
import { pointRoutes } from './routes.js';
import { POINTS_STATE, POINTS_USERS } from './tables.js';
import { Ticker } from './ticker.js';
import { type RandomFill, Uniform } from './uniform.js';
import { UserPoints } from './user-points.js';

/** The columns of POINTS_USERS that are read at the start: the times of a row are nobody's business here. */
const LOADED_USERS: Table = {
  ...POINTS_USERS,
  columns: POINTS_USERS.columns.filter(({ name }) => ['id', 'points'].includes(name)),
};

export interface PointServiceOptions {
  readonly writes: WriteBehind;
  /** How many users there are at least. */
  readonly pointsUsers: number;
  /** From one tick to the next, in milliseconds. */
  readonly pointsTick: number;
  readonly durability: Durability;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
  /** A clock that is never put back. */
  readonly nowMs: () => number;
  readonly random?: RandomFill;
}

/** Users with points, which are drawn again from time to time. */
export class PointService {
  readonly #writes: WriteBehind;
  readonly #durability: Durability;
  readonly #query: QueryReply;
  readonly points: UserPoints;
  readonly ticker: Ticker;

  constructor({ writes, pointsUsers, pointsTick, durability, wallMs, nowMs, random = randomFillSync }: PointServiceOptions) {
    this.#writes = writes;
    this.#durability = durability;
    const onWritten = () => this.ticker.written();
    this.points = new UserPoints({ writes, users: pointsUsers, uniform: new Uniform(random), wallMs, onWritten });
    this.ticker = new Ticker({ points: this.points, intervalMs: pointsTick, nowMs });
    // Of its own, so that what is asked has no part in what is drawn.
    this.#query = new QueryReply(new Uniform(random), wallMs);
  }

  /** In the order in which they are to be loaded. */
  readonly loadings = [
    { table: POINTS_STATE, take: (rows: Columns) => this.points.loadState(rows) },
    { table: LOADED_USERS, take: (rows: Columns) => this.points.loadUsers(rows) },
  ];

  /** Makes the users that are missing, and starts the ticks. Everything has been loaded before. */
  start(): void {
    this.points.start();
    this.ticker.start();
  }

  stop(): void {
    this.ticker.stop();
    this.points.stop();
  }

  routes(): Route[] {
    const { points, ticker } = this;
    return pointRoutes({ points, ticker, query: this.#query, writes: this.#writes, durability: this.#durability });
  }
}
