import { createHash } from 'node:crypto';
import { prefers } from '../../http/accept.js';
import { type Caller, refusalOf } from '../../http/caller.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import type { Durability } from '../../writes/durability.js';
import type { Written } from '../../writes/idempotency.js';
import { type Batch, batchReaderFor } from './batch.js';
import { type BatchReply, jsonReply, minimalReply, NDJSON_TYPE, ndjsonReply } from './batch-reply.js';
import { BATCH } from './docs/batch.js';
import { Keys } from './keys.js';
import { readDurabilityOnly } from './parameters.js';
import { itemProblem } from './refusals.js';
import type { RouteParts } from './route-options.js';

/**
 * Many increments in one write: all of them, or none.
 *
 * @param bytesMax how large a batch may be.
 */
export function batchRoutes({ counters, table, writer, durability: byDefault }: RouteParts, bytesMax: number): Route[] {
  const keys = new Keys(table);

  function write({ keys, bys }: Batch, reply: BatchReply, durability: Durability): Written | Problem {
    const counted = counters.incrementAll(keys, bys);
    if (counted instanceof Problem) return counted;
    const { values, seq } = counted;
    return { seq, ...reply({ keys, values, seq, isDurable: durability === 'disk' }) };
  }

  return [
    {
      method: 'POST',
      path: '/increments',
      access: 'write',
      summary:
        'Adds to many counters in one write, all or none: an array of `{key, value}` in JSON, one of them a line in ' +
        'NDJSON, or a form of `key` and `value` in turns. A `value` that is left out is 1.',
      doc: BATCH,
      headers: ['content-type', 'accept', 'prefer', 'idempotency-key'],
      bodyBytesMax: bytesMax,
      body: 'streamed',
      handle(exchange) {
        const durability = readDurabilityOnly(exchange, byDefault);
        if (durability instanceof Problem) return exchange.refuse(durability);
        const reader = batchReaderFor(exchange.header('content-type'), keys);
        if (reader instanceof Problem) return exchange.refuse(reader);
        // A batch can be too large to be kept whole: a repeat is told by its bytes' hash.
        const hash = writer.isOnce(exchange) ? createHash('sha256') : undefined;
        exchange.receive({
          piece(bytes) {
            hash?.update(bytes);
            const problem = reader.push(bytes);
            if (problem !== undefined) exchange.refuse(problem);
          },
          end() {
            const batch = reader.end();
            if (batch instanceof Problem) return exchange.refuse(batch);
            // The account may have ended while its batch came in.
            if (!exchange.caller.isValid) return exchange.refuse(new Problem('unknown-token'));
            const refusal = refusalOfItems(exchange.caller, batch.keys);
            if (refusal !== undefined) return exchange.refuse(refusal);
            const reply = replyFor(exchange);
            writer.answer(
              exchange,
              () => `batch\n${hash?.digest('hex')}`,
              durability,
              () => write(batch, reply, durability),
            );
          },
          abort: () => undefined,
        });
      },
    },
  ];
}

/** The first key that the caller must not use: then none of the batch is counted. */
function refusalOfItems(caller: Caller, keys: readonly string[]): Problem | undefined {
  if (caller.prefix === '') return undefined;
  for (let i = 0; i < keys.length; i++) {
    const refusal = refusalOf(caller, keys[i] as string);
    if (refusal !== undefined) return itemProblem(i, refusal);
  }
  return undefined;
}

/** How a client wants the values; or that it does not want them (RFC 7240). */
function replyFor(exchange: Exchange): BatchReply {
  if (/(?:^|[,;])\s*return\s*=\s*"?minimal"?\s*(?:[,;]|$)/i.test(exchange.header('prefer'))) return minimalReply;
  return prefers(exchange, NDJSON_TYPE, JSON_TYPE) ? ndjsonReply : jsonReply;
}
