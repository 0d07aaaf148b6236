import type { Int64 } from '../../engine/int64.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { refuseToWait, replyWhenDurable } from '../../writes/durability.js';
import type { Limits } from './bounds.js';
import { countedReply, replyCounted } from './counted-reply.js';
import type { Stepped } from './counters.js';
import { INCREMENT } from './docs/increment.js';
import { Keys } from './keys.js';
import { readIncrement } from './parameters.js';
import { remaining } from './refusals.js';
import type { RouteParts } from './route-options.js';

const BODY_BYTES_MAX = 64 * 1024;

/** The hot path: nearly every request comes here. */
export function incrementRoutes({ counters, table, writes, writer, durability: byDefault }: RouteParts): Route[] {
  const keys = new Keys(table);
  return [
    {
      method: 'POST',
      path: '/increment',
      access: 'write',
      summary: 'Adds `value` (1 if it is left out) to the counter `key`, and makes it if it is new.',
      doc: INCREMENT,
      headers: ['content-type', 'accept', 'idempotency-key'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const increment = readIncrement(exchange, keys, byDefault);
        if (increment instanceof Problem) return exchange.refuse(increment);
        const { key, by, durability, limits } = increment;
        if (limits !== undefined) {
          return writer.answer(
            exchange,
            () => payloadOf(key, by, limits),
            durability,
            () => {
              const stepped = counters.step(key, by, limits);
              if (stepped instanceof Problem) return stepped;
              return { seq: stepped.seq, ...countedReply(exchange, stepped, durability, described(stepped, limits)) };
            },
          );
        }
        if (writer.isOnce(exchange)) {
          return writer.answer(
            exchange,
            () => `${key}\n${by}`,
            durability,
            () => {
              const counted = counters.increment(key, by);
              return counted instanceof Problem ? counted : { seq: counted.seq, ...countedReply(exchange, counted, durability) };
            },
          );
        }
        const refusal = refuseToWait(writes, durability);
        if (refusal !== undefined) return exchange.refuse(refusal);
        const counted = counters.increment(key, by);
        if (counted instanceof Problem) return exchange.refuse(counted);
        if (durability === 'memory' && writes.acknowledge(counted.seq)) return replyCounted(exchange, counted, durability);
        replyWhenDurable(exchange, writes, counted.seq, durability, () => replyCounted(exchange, counted, durability));
      },
    },
  ];
}

function payloadOf(key: string, by: Int64, { min, max, saturate, ttlMs }: Limits): string {
  return [key, by, min, max, saturate, ttlMs].join('\n');
}

function described({ value, applied, leftMs }: Stepped, { max, saturate }: Limits) {
  return {
    applied: saturate ? applied : undefined,
    remaining: max === undefined ? undefined : remaining(value, max),
    reset_ms: leftMs === undefined ? undefined : Math.ceil(leftMs),
  };
}
