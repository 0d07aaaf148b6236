import type { Action, Durability } from './action.js';
import { nowMs } from './clock.js';
import type { Said, Span } from './counter-model.js';

const NEVER = Number.POSITIVE_INFINITY;

/** One write that a client makes, and what it knows of it. */
export class Write {
  readonly action: Action;
  readonly durability: Durability;
  readonly idempotencyKey: string | undefined;
  /** When it was sent the last time, and when its 200 was read: on the system's monotonic clock, `Infinity` for never. */
  sentMs = NEVER;
  ackedMs = NEVER;
  /** The same two by the time of day. */
  at: Span = { from: NEVER, to: NEVER };
  /** Of its 200; the empty text before it. */
  body = '';
  said: Said | undefined;
  /** It was answered that it can't be done, and nothing was. */
  isRefused = false;

  constructor(action: Action, durability: Durability, idempotencyKey?: string) {
    this.action = action;
    this.durability = durability;
    this.idempotencyKey = idempotencyKey;
  }

  get wasSent(): boolean {
    return this.sentMs < NEVER;
  }

  get isAcknowledged(): boolean {
    return this.ackedMs < NEVER;
  }

  /** It is sent now. */
  send(): void {
    this.at = { from: Date.now(), to: NEVER };
    this.sentMs = nowMs();
  }

  /** It was answered 200 just now. */
  acknowledge(body: string): void {
    this.body = body;
    this.said = JSON.parse(body) as Said;
    this.ackedMs = nowMs();
    this.at = { from: this.at.from, to: Date.now() };
  }

  /** It was not sent, as far as this run of the server goes. */
  forget(): void {
    this.sentMs = NEVER;
    this.ackedMs = NEVER;
    this.at = { from: NEVER, to: NEVER };
    this.body = '';
    this.said = undefined;
  }
}
