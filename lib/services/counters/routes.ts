import Negotiator from 'negotiator';
import { toJson } from '../../engine/int64.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { type Exchange, JSON_TYPE, TEXT_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import { ReplyBuffer, toBytes } from '../../http/reply-buffer.js';
import type { Route } from '../../http/route.js';
import { type Durability, type ReadyReply, refuseToWait, replyWhenDurable } from '../../writes/durability.js';
import type { Idempotency } from '../../writes/idempotency.js';
import type { Counted, Counters } from './counters.js';
import { KeyCache } from './key-cache.js';
import { readIncrement, readPathKey } from './parameters.js';

const BODY_BYTES_MAX = 64 * 1024;

export interface CounterRoutesOptions {
  readonly counters: Counters;
  readonly writes: WriteBehind;
  readonly idempotency: Idempotency;
  /** Of a write that does not say. */
  readonly durability: Durability;
}

/** How others count, and read what was counted. */
export function counterRoutes({ counters, writes, idempotency, durability: byDefault }: CounterRoutesOptions): Route[] {
  const keys = new KeyCache();
  const buffer = new ReplyBuffer();
  return [
    {
      method: 'POST',
      path: '/increment',
      summary: 'Adds `value` (1 if it is left out) to the counter `key`, and makes it if it is new.',
      headers: ['content-type', 'accept', 'idempotency-key'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const increment = readIncrement(exchange, keys, byDefault);
        if (increment instanceof Problem) return exchange.refuse(increment);
        const { key, by, durability } = increment;
        if (idempotency.isAsked(exchange)) {
          return idempotency.answer(exchange, `${key}\n${by}`, durability, () => {
            const counted = counters.increment(key, by);
            return counted instanceof Problem
              ? counted
              : { seq: counted.seq, ...countedReply(exchange, counted, durability, buffer) };
          });
        }
        const refusal = refuseToWait(writes, durability);
        if (refusal !== undefined) return exchange.refuse(refusal);
        const counted = counters.increment(key, by);
        if (counted instanceof Problem) return exchange.refuse(counted);
        if (durability === 'memory' && writes.acknowledge(counted.seq) && replyPlainly(exchange, counted, buffer)) return;
        replyWhenDurable(exchange, writes, counted.seq, durability, countedReply(exchange, counted, durability, buffer));
      },
    },
    {
      method: 'GET',
      path: '/numbers/{key}',
      summary: 'Gives the value of the counter `key`.',
      headers: ['accept'],
      bodyBytesMax: 0,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const value = counters.value(key);
        if (value === undefined) return exchange.refuse(new Problem('unknown-key', `${key} was never counted`));
        if (prefersText(exchange)) exchange.reply(200, TEXT_TYPE, `${value}\n`);
        else exchange.reply(200, JSON_TYPE, `{"key":${JSON.stringify(key)},"value":${toJson(value)}}`);
      },
    },
  ];
}

const KEY = toBytes('{"key":');
const VALUE = toBytes(',"value":');
const SEQ = toBytes(',"seq":');
const END = toBytes('}');
const DURABLE_END = toBytes(',"durable":true}');

/** The reply that almost every increment gets. Returns false, and replies nothing, for the others. */
function replyPlainly(exchange: Exchange, { key, value, seq }: Counted, buffer: ReplyBuffer): boolean {
  if (typeof value !== 'number' || !acceptsAll(exchange) || !buffer.clear().bytes(KEY).json(key)) return false;
  exchange.reply(200, JSON_TYPE, buffer.bytes(VALUE).integer(value).bytes(SEQ).integer(seq).bytes(END).view());
  return true;
}

/** `{"key":"abcdef","value":42,"seq":17}`, on disk with `"durable":true`; or the bare value. */
function countedReply(exchange: Exchange, { key, value, seq }: Counted, durability: Durability, buffer: ReplyBuffer): ReadyReply {
  if (prefersText(exchange)) return { type: TEXT_TYPE, body: `${value}\n` };
  const end = durability === 'disk' ? DURABLE_END : END;
  if (typeof value === 'number' && buffer.clear().bytes(KEY).json(key)) {
    return { type: JSON_TYPE, body: buffer.bytes(VALUE).integer(value).bytes(SEQ).integer(seq).bytes(end).text() };
  }
  return {
    type: JSON_TYPE,
    body: `{"key":${JSON.stringify(key)},"value":${toJson(value)},"seq":${seq}${durability === 'disk' ? ',"durable":true' : ''}}`,
  };
}

const REPLY_TYPES = [JSON_TYPE, TEXT_TYPE];

/** What curl sends, and what most programs leave out. */
function acceptsAll(exchange: Exchange): boolean {
  const accept = exchange.header('accept');
  return accept === '' || accept === '*/*';
}

/** Whether the client would rather have the bare value. JSON, where it accepts both or neither. */
function prefersText(exchange: Exchange): boolean {
  if (acceptsAll(exchange)) return false;
  const accept = exchange.header('accept');
  return new Negotiator({ headers: { accept } }).mediaType(REPLY_TYPES) === TEXT_TYPE;
}
