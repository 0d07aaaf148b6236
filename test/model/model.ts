import type { Body } from './said.js';
import { Span } from './span.js';
import { Timeline, Tracked } from './timeline.js';

/** What a source has counted, up and down. */
export interface Totals {
  readonly value: bigint;
  readonly decrements: bigint;
}

/** What an idempotency key stands for. */
export interface Kept {
  /** What was done: the same for two requests only if they are repeats. */
  readonly identity: string;
  readonly type: string;
  readonly body: Body;
  readonly isDurable: boolean;
  readonly seq: number;
  readonly expires: Span;
}

/** Of the counters that may have ended: how many were taken out, and how many have ended altogether. */
export interface Way {
  readonly taken: number;
  readonly over: number;
}

/** Within this time after its end a counter is taken out, however busy the machine is. */
const TAKEN_WITHIN_MS = 5_000;

/**
 * What the service has to be, as plainly as it can be said: Maps, numbers without end, and the
 * replies that were given.
 *
 * Counters end by themselves. When exactly, it can only tell from when requests were sent and
 * answered; and that they were taken out, from the writes that this takes. So there may be several
 * ways in which a request can have met the service: `ways` has all of them, `assume` takes one.
 */
export class Model {
  readonly timeline = new Timeline();
  readonly counters = new Tracked<bigint>(this.timeline);
  /** The times of day when counters end, of those that do. */
  readonly ends = new Tracked<Span>(this.timeline);
  /** By the counter's key, then by the source's name. */
  readonly sources = new Tracked<ReadonlyMap<string, Totals>>(this.timeline);
  readonly kept = new Tracked<Kept>(this.timeline);
  #durableSeq = 0;
  /** Since when the server has been there to take out what has ended. */
  #servingSinceMs = 0;
  /** When the request under way was sent and answered. */
  #moment = new Span(0, 0);
  /** Counters that have ended, and are to be taken out. */
  #over: ReadonlySet<string> = new Set();
  /** When they and those that were taken out ended. */
  #ended: readonly Span[] = [];

  get seq(): number {
    return this.timeline.seq;
  }

  /** Up to here everything is on disk: the server said so. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  onDisk(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq);
    this.timeline.forget(this.#durableSeq);
  }

  /** The server was restarted: it has all up to one write, and counts on from another. */
  restart(seq: number, lastSeq: number, nowMs: number): void {
    this.timeline.lose(seq, lastSeq);
    this.#durableSeq = lastSeq;
    this.#servingSinceMs = nowMs;
  }

  get moment(): Span {
    return this.#moment;
  }

  /** The value of a counter that is there. */
  value(key: string): bigint | undefined {
    return this.#over.has(key) ? undefined : this.counters.get(key);
  }

  /** Those that are there, in the order of their keys. */
  list(prefix: string): { key: string; value: bigint }[] {
    const list = this.counters.entries().map(([key, value]) => ({ key, value }));
    return list.filter(({ key }) => key.startsWith(prefix) && !this.#over.has(key)).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** To be called before a counter is written: one that has ended goes first, in a write of its own. */
  touch(key: string): void {
    if (this.#over.has(key)) this.#takeOut(key);
  }

  #takeOut(key: string): void {
    this.remove(key);
    this.timeline.stamp();
  }

  /** Removes a counter, and all that belongs to it. */
  remove(key: string): void {
    this.counters.set(key, undefined);
    this.ends.set(key, undefined);
    this.sources.set(key, undefined);
    this.#over = new Set([...this.#over].filter((other) => other !== key));
  }

  /** The ways in which the service can have been at that moment; first those in which the least has happened. */
  ways(moment: Span): Way[] {
    const ending = this.#ending(moment.max);
    const certain = ending.filter(({ end }) => end.max <= moment.min).length;
    const overdue = ending.filter(({ end }) => this.#isOverdue(end, moment.min)).length;
    const ways: Way[] = [];
    for (let over = certain; over <= ending.length; over++) {
      for (let taken = overdue; taken <= over; taken++) ways.push({ taken, over });
    }
    return ways;
  }

  #isOverdue(end: Span, nowMs: number): boolean {
    return Math.max(end.max, this.#servingSinceMs) + TAKEN_WITHIN_MS <= nowMs;
  }

  /** Counters that may have ended by a time, in the order in which they are taken out. */
  #ending(byMs: number): { key: string; end: Span }[] {
    const ending = this.ends.entries().filter(([, end]) => end.min <= byMs);
    return ending.map(([key, end]) => ({ key, end })).sort((a, b) => a.end.min - b.end.min || a.end.max - b.end.max);
  }

  assume(moment: Span, { taken, over }: Way): void {
    const ended = this.#ending(moment.max).slice(0, over);
    this.#moment = moment;
    this.#over = new Set(ended.map(({ key }) => key));
    this.#ended = ended.map(({ end }) => end);
    for (const { key } of ended.slice(0, taken)) this.#takeOut(key);
  }

  /** That was the way: what had ended in it does not come back. */
  settle(): void {
    for (const end of this.#ended) end.narrow(new Span(0, this.#moment.max));
  }

  /** Takes out what has ended by now until the last write is `seq`. Returns whether it can be. */
  catchUp(seq: number, nowMs: number): boolean {
    for (const { key, end } of this.#ending(nowMs).slice(0, Math.max(0, seq - this.seq))) {
      end.narrow(new Span(0, nowMs));
      this.#takeOut(key);
    }
    return this.seq >= seq;
  }

  /** The counter that ends next, or has ended within so many milliseconds. */
  nextEnding(nowMs: number, endedMs: number): { key: string; endMs: number } | undefined {
    const [next] = this.#ending(Number.POSITIVE_INFINITY).filter(({ end }) => end.max >= nowMs - endedMs);
    return next && { key: next.key, endMs: next.end.min };
  }

  /** Whether nothing ends before a time, or has ended and is to be taken out. */
  isQuiet(untilMs: number): boolean {
    return this.#ending(untilMs).length === 0;
  }
}
