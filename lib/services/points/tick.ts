import { POINTS_MAX } from './tables.js';
import type { Uniform } from './uniform.js';

/**
 * What a tick has drawn: a threshold, and everybody's points, at 5 bytes a user. Who is above is
 * known from the drawing, so that whoever asks needs no search: O(1), however many users there are.
 */
export class Tick {
  /** 0 before the first: the users as they were made. */
  number = 0;
  /** The time of day, in milliseconds since 1970. */
  atMs = 0;
  threshold = 0;
  /** By id, which begins with 1: `points[id - 1]`. */
  readonly points: Uint8Array<ArrayBuffer>;
  /** The ids of those above the threshold: the first `#aboveCount` of these. */
  readonly #above: Uint32Array;
  #aboveCount = 0;

  constructor(users: number) {
    this.points = new Uint8Array(users);
    this.#above = new Uint32Array(users);
  }

  get users(): number {
    return this.points.length;
  }

  /** How many are above the threshold. */
  get above(): number {
    return this.#aboveCount;
  }

  /** Draws the threshold. Nobody has points then, until `draw` has come to them. */
  begin(uniform: Uniform): void {
    this.#restart(uniform.below(POINTS_MAX + 1));
  }

  /** Draws the points of the users at `from` up to, not including, `to`: of all, part by part, in their order. */
  draw(uniform: Uniform, from: number, to: number): void {
    for (let i = from; i < to; i++) this.#give(i, uniform.below(POINTS_MAX + 1));
  }

  /** Takes everybody's points as they are in `points`; users beyond them have none. */
  take(points: Uint8Array, threshold: number): void {
    this.#restart(threshold);
    for (let i = 0; i < this.users; i++) this.#give(i, points[i] ?? 0);
  }

  /** Two different users above the threshold, any two as likely as any others; fewer where there are fewer. */
  pick(uniform: Uniform): readonly number[] {
    const count = this.#aboveCount;
    if (count === 0) return [];
    const first = uniform.below(count);
    if (count === 1) return [this.#idAt(first)];
    const second = uniform.below(count - 1);
    return [this.#idAt(first), this.#idAt(second < first ? second : second + 1)];
  }

  #restart(threshold: number): void {
    this.threshold = threshold;
    this.#aboveCount = 0;
  }

  #give(index: number, points: number): void {
    this.points[index] = points;
    if (points > this.threshold) this.#above[this.#aboveCount++] = index + 1;
  }

  #idAt(index: number): number {
    return this.#above[index] as number;
  }
}
