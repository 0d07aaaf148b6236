import { Slices } from '../../engine/slices.js';
import { VersionQueue } from '../../engine/version-queue.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import type { Columns } from '../../store/store.js';
import { LoadedPoints } from './loaded-points.js';
import { POINTS_STATE, POINTS_USERS } from './tables.js';
import { Tick } from './tick.js';
import type { Uniform } from './uniform.js';

/** A slice of drawing: the requests that come meanwhile wait this long at the most. In milliseconds. */
const SLICE_MS = 1;
/** Users drawn between two looks at the clock: some hundredths of a millisecond. */
const LOOK_EVERY = 2_048;

export interface UserPointsOptions {
  readonly writes: WriteBehind;
  /** How many users there are at least. */
  readonly users: number;
  readonly uniform: Uniform;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Called when a tick, or the users that were made, are on disk. */
  readonly onWritten: () => void;
}

/**
 * Everybody's points. There are two ticks: the last whole one, which all are answered from, and
 * another, into which the next one is drawn in slices. At one instant the two change places. Until
 * the new one is on disk it stays as it is, and so does the old one: nothing is drawn meanwhile.
 */
export class UserPoints {
  readonly #writes: WriteBehind;
  readonly #uniform: Uniform;
  readonly #wallMs: () => number;
  readonly #users: VersionQueue;
  readonly #state: VersionQueue;
  readonly #slices = new Slices({ sliceMs: SLICE_MS });
  readonly #least: number;
  /** What the file has, until the start. */
  #loaded: LoadedPoints;
  /** The last whole tick. */
  #tick = new Tick(0);
  #next = new Tick(0);
  #isDrawing = false;
  #isStopped = false;

  constructor({ writes, users, uniform, wallMs, onWritten }: UserPointsOptions) {
    this.#writes = writes;
    this.#uniform = uniform;
    this.#wallMs = wallMs;
    this.#state = new VersionQueue({ table: POINTS_STATE, onWritten: () => undefined });
    this.#users = new VersionQueue({ table: POINTS_USERS, onWritten });
    writes.add(this.#state);
    writes.add(this.#users);
    this.#least = users;
    this.#loaded = new LoadedPoints(users);
  }

  get tick(): Tick {
    return this.#tick;
  }

  get isDrawing(): boolean {
    return this.#isDrawing;
  }

  /** Whether something of it is not on disk yet. */
  get isWriting(): boolean {
    return !this.#users.hasRoom;
  }

  /** Takes in rows of POINTS_USERS, of which there need be no more than `id` and `points`. Returns why that is impossible, if it is. */
  loadUsers(rows: Columns): string | undefined {
    return this.#loaded.takeUsers(rows);
  }

  /** Takes in the row of POINTS_STATE. Returns why that is impossible, if it is. */
  loadState(rows: Columns): string | undefined {
    return this.#loaded.takeState(rows);
  }

  /** Makes the users that are missing. Everything has been loaded before. */
  start(): void {
    const { points, count, highest, state } = this.#loaded;
    const users = Math.max(this.#least, highest);
    const tick = new Tick(users);
    tick.number = state?.tick ?? 0;
    tick.atMs = state?.atMs ?? this.#wallMs();
    tick.take(points, state?.threshold ?? 0);
    this.#next = new Tick(users);
    this.#loaded = new LoadedPoints(0);
    this.#tick = tick;
    // Those behind the last one, as a rule; where there are gaps, whoever is missing is written with all the others.
    if (state === undefined || count < users) this.#write(count === highest ? highest : 0, this.#wallMs());
  }

  /** No tick becomes whole any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Draws a tick. It must not be called while one is drawn or written.
   *
   * @returns its seq, when it is whole: from then on all are answered from it, and it is on its way to
   *   the disk. `undefined` when it was stopped before.
   */
  async draw(): Promise<number | undefined> {
    if (this.#isDrawing || this.isWriting) throw new Error('a tick is under way');
    this.#isDrawing = true;
    const drawn = this.#next;
    drawn.begin(this.#uniform);
    for (let from = 0; from < drawn.users; from += LOOK_EVERY) {
      if (this.#slices.isOver) await this.#slices.next();
      if (this.#isStopped) return undefined;
      drawn.draw(this.#uniform, from, Math.min(from + LOOK_EVERY, drawn.users));
    }
    this.#isDrawing = false;
    drawn.number = this.#tick.number + 1;
    drawn.atMs = this.#wallMs();
    this.#next = this.#tick;
    this.#tick = drawn;
    return this.#write(0, drawn.atMs);
  }

  /** Has the tick written, with the points of the users from index `first` on: at once, as it is worth a batch of its own. */
  #write(first: number, updatedMs: number): number {
    const { number, threshold, atMs, points } = this.#tick;
    this.#state.put({ length: 1, columns: () => [[1], [number], [threshold], [atMs]] });
    this.#users.put({
      length: points.length - first,
      columns(from, to) {
        const begin = first + from;
        const ids = new Uint32Array(to - from);
        for (let i = 0; i < ids.length; i++) ids[i] = begin + i + 1;
        const times = new Float64Array(to - from).fill(updatedMs);
        return [ids, points.slice(begin, first + to), times, times];
      },
    });
    const seq = this.#writes.stamp();
    this.#writes.drain();
    return seq;
  }
}
