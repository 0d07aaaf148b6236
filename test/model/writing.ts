import { json } from './int64.js';
import type { Model } from './model.js';
import { Body, type Done, JSON_TYPE, LEFT, type Refused, type Said, TEXT_TYPE } from './said.js';
import { Countdown, type Span } from './span.js';

/** How long an idempotency key is kept. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** What a write may ask for, whatever it writes. */
export interface Wish {
  readonly isDurable: boolean;
  /** The bare value, please. */
  readonly isText: boolean;
  readonly idempotencyKey: string | undefined;
}

/** What a write comes to: a refusal, or what to reply once it has its number. */
export type Outcome = Refused | ((seq: number) => Pick<Done, 'type' | 'body'>);

/**
 * Makes a write, or repeats the reply that it had before.
 *
 * @param identity the same for two writes only if they do the same.
 * @param make changes what it changes, or says why not.
 */
export function write(model: Model, { isDurable, idempotencyKey }: Wish, identity: string, make: () => Outcome): Said {
  const kept = idempotencyKey === undefined ? undefined : model.kept.get(idempotencyKey);
  if (kept !== undefined) {
    if (kept.identity !== identity) return { status: 422, code: 'idempotency-key-reused', more: {} };
    const { type, body } = kept;
    return { status: 200, type, body, isReplayed: true, durableSeq: isDurable || kept.isDurable ? kept.seq : undefined };
  }
  const outcome = make();
  if (typeof outcome !== 'function') return outcome;
  const { timeline } = model;
  const reply = outcome(timeline.isChanged ? model.seq + 1 : model.seq);
  if (idempotencyKey !== undefined) {
    // Kept even for what changed nothing: that is a write then, of the key alone.
    model.kept.set(idempotencyKey, { identity, ...reply, isDurable, seq: model.seq + 1, expires: model.moment.plus(KEPT_MS) });
  }
  if (timeline.isChanged) timeline.stamp();
  return { status: 200, ...reply, durableSeq: isDurable ? model.seq : undefined };
}

/** How one counter's write is replied to. */
export interface Counted {
  readonly key: string;
  readonly value: bigint;
  readonly applied?: bigint | undefined;
  readonly remaining?: bigint | undefined;
  /** When the counter ends, where the reply says so. */
  readonly end?: Span | undefined;
}

export function counted(model: Model, { isDurable, isText }: Wish, { key, value, applied, remaining, end }: Counted): Outcome {
  if (isText) return () => ({ type: TEXT_TYPE, body: new Body(`${value}\n`) });
  const members = [
    `"key":${JSON.stringify(key)}`,
    `"value":${json(value)}`,
    applied === undefined ? [] : `"applied":${json(applied)}`,
    remaining === undefined ? [] : `"remaining":${json(remaining)}`,
    end === undefined ? [] : `"reset_ms":${LEFT}`,
  ].flat();
  const countdown = end && new Countdown(end, model.moment);
  return (seq) => {
    const all = [...members, `"seq":${seq}`, isDurable ? '"durable":true' : []].flat();
    return { type: JSON_TYPE, body: new Body(`{${all.join(',')}}`, countdown) };
  };
}
