/** Why somebody was not let in: as many wait as may, or it has waited for as long as anyone may. */
export type Turned = 'queue-full' | 'waited-too-long';

/** Who wants to be let in. It is told one of the two, once; or neither, where it is dropped while it waits. */
export interface Entrant {
  /** It is in. It has to `leave`, once. */
  enter(): void;
  turnAway(why: Turned): void;
}

export interface ConcurrencyLimiterOptions {
  /** How many are in at the same time at the most; at least 1. */
  readonly limit: number;
  /** How many wait to be let in at the most. */
  readonly queueMax: number;
  /** How long one waits at the most, in milliseconds. */
  readonly waitMs: number;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs?: () => number;
  /** Calls back once, after some milliseconds. */
  readonly after?: (ms: number, job: () => void) => void;
}

/**
 * Lets so many in at the same time, and has a bounded number of others wait in a line: the first to
 * come is the first to be let in.
 *
 *     enter ->  [ line: oldest … newest ]  ->  in  -> leave
 *                  |          \-> drop
 *                  \-> turned away after waitMs
 *
 * Everything is O(1), and makes no promise. One timer stands for the whole line: all wait for the same
 * time, so whoever is over its time first is the first in the line.
 */
export class ConcurrencyLimiter {
  readonly #limit: number;
  readonly #queueMax: number;
  readonly #waitMs: number;
  readonly #nowMs: () => number;
  readonly #after: (ms: number, job: () => void) => void;
  /** The line is a circle: its oldest place comes after this one, its newest before. */
  readonly #ends = new Place(undefined, 0);
  #running = 0;
  #waiting = 0;
  #isAdmitting = false;
  #isTimed = false;

  /** @throws RangeError for a limit below 1. */
  constructor({ limit, queueMax, waitMs, nowMs = () => performance.now(), after = afterMs }: ConcurrencyLimiterOptions) {
    if (!(limit >= 1)) throw new RangeError(`limit must be at least 1, not ${limit}`);
    this.#limit = limit;
    this.#queueMax = queueMax;
    this.#waitMs = waitMs;
    this.#nowMs = nowMs;
    this.#after = after;
  }

  /** How many are in. */
  get running(): number {
    return this.#running;
  }

  /** How many wait to be let in. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets one in that does not want to wait. Returns whether there was room: then it has to `leave`, once. */
  tryEnter(): boolean {
    if (this.#running === this.#limit || this.#waiting > 0) return false;
    this.#running++;
    return true;
  }

  /**
   * Lets one in at once, or turns it away at once, or has it wait.
   *
   * @returns its place in the line, where it waits: with that it can be dropped.
   */
  enter(entrant: Entrant): Place | undefined {
    if (this.tryEnter()) {
      entrant.enter();
      return undefined;
    }
    if (this.#waiting >= this.#queueMax) {
      entrant.turnAway('queue-full');
      return undefined;
    }
    const place = new Place(entrant, this.#nowMs() + this.#waitMs);
    place.putBefore(this.#ends);
    this.#waiting++;
    this.#watch();
    return place;
  }

  /** One that waits does not want to any more: it is told nothing. Does nothing where it was told before. */
  drop(place: Place): void {
    this.#take(place);
  }

  /**
   * One that was in is done, and lets in who waits first.
   *
   * @throws Error when nobody is in.
   */
  leave(): void {
    if (this.#running === 0) throw new Error('nobody is in who could leave');
    this.#running--;
    // Whoever is let in may leave before `enter` returns: a line of those is a loop, and no recursion.
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    try {
      while (this.#running < this.#limit && this.#waiting > 0) {
        this.#running++;
        this.#take(this.#ends.after)?.enter();
      }
    } finally {
      this.#isAdmitting = false;
    }
  }

  /** Takes a place out of the line, and gives whose it was; `undefined` where it is not in the line. */
  #take(place: Place): Entrant | undefined {
    const { entrant } = place;
    if (entrant === undefined) return undefined;
    place.remove();
    this.#waiting--;
    return entrant;
  }

  /** Has those turned away who are over their time, when the first of them is. */
  #watch(): void {
    if (this.#isTimed || this.#waiting === 0) return;
    this.#isTimed = true;
    this.#after(this.#ends.after.deadlineMs - this.#nowMs(), () => {
      this.#isTimed = false;
      const nowMs = this.#nowMs();
      while (this.#waiting > 0 && this.#ends.after.deadlineMs <= nowMs) {
        this.#take(this.#ends.after)?.turnAway('waited-too-long');
      }
      this.#watch();
    });
  }
}

/** Where somebody stands in the line. */
export class Place {
  /** `undefined` when it stands there no longer. */
  entrant: Entrant | undefined;
  readonly deadlineMs: number;
  before: Place = this;
  after: Place = this;

  constructor(entrant: Entrant | undefined, deadlineMs: number) {
    this.entrant = entrant;
    this.deadlineMs = deadlineMs;
  }

  putBefore(other: Place): void {
    this.after = other;
    this.before = other.before;
    other.before.after = this;
    other.before = this;
  }

  remove(): void {
    this.entrant = undefined;
    this.before.after = this.after;
    this.after.before = this.before;
  }
}

/** Keeps no process alive: whoever waits has a connection that does. */
function afterMs(ms: number, job: () => void): void {
  setTimeout(job, Math.max(1, Math.ceil(ms))).unref();
}
