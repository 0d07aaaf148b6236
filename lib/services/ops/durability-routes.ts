import type { WriteBehind } from '../../engine/write-behind.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { refuseToWait } from '../../writes/durability.js';
import { DRAIN, DURABILITY } from './docs/durability.js';
import type { Monitor } from './health.js';

const BODY_BYTES_MAX = 1_024;

const SEQ_DIGITS_MAX = 15;

/** What is on disk, and how to have it there. */
export function durabilityRoutes(monitor: Monitor, writes: WriteBehind): Route[] {
  return [
    {
      method: 'GET',
      path: '/durability',
      access: 'read',
      summary: 'How far the disk is behind memory, and what the run before lost.',
      doc: DURABILITY,
      headers: [],
      bodyBytesMax: 0,
      handle: (exchange) => exchange.reply(200, JSON_TYPE, describe(monitor, writes)),
    },
    {
      method: 'POST',
      path: '/drain',
      access: 'write',
      summary: 'Drains now, and replies when all that was accepted before is on disk; with `seq`, all writes up to that one.',
      doc: DRAIN,
      headers: ['content-type'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const seq = readSeq(exchange, writes.status().seq);
        if (seq instanceof Problem) return exchange.refuse(seq);
        const refusal = refuseToWait(writes, 'disk');
        if (refusal !== undefined) return exchange.refuse(refusal);
        writes.whenDurable(seq, (onDisk) => {
          if (onDisk) exchange.reply(200, JSON_TYPE, describe(monitor, writes));
          else
            exchange.refuse(
              new Problem('store-unavailable', `the writes up to ${seq} are in memory, and not all of them on disk`),
            );
        });
      },
    },
  ];
}

/** The parameter `seq`: a write that was made. All of them, if it is left out. */
function readSeq(exchange: Exchange, lastSeq: number): number | Problem {
  const parameters = readParameters(exchange, ['seq']);
  if (parameters instanceof Problem) return parameters;
  const [text] = parameters;
  if (text === undefined) return lastSeq;
  const seq = /^\d+$/.test(text) && text.length <= SEQ_DIGITS_MAX ? Number(text) : Number.NaN;
  if (seq >= 1 && seq <= lastSeq) return seq;
  return new Problem('invalid-parameter', `seq must be a whole number from 1 to the last write, ${lastSeq}`, 'seq');
}

function describe(monitor: Monitor, writes: WriteBehind): string {
  const { seq, durableSeq, oldestPendingMs, lastDrain, store } = writes.status();
  const { clean, seq: recoveredSeq, ceilingSeq } = monitor.recovered;
  return JSON.stringify({
    seq,
    durable_seq: durableSeq,
    pending: seq - durableSeq,
    oldest_pending_ms: Math.round(oldestPendingMs),
    last_drain:
      lastDrain === undefined
        ? null
        : { at: lastDrain.at.toISOString(), rows: lastDrain.rows, ms: Math.round(lastDrain.ms * 1e3) / 1e3 },
    store,
    recovered: { clean, lost_at_most: clean ? 0 : ceilingSeq - recoveredSeq, durable_seq: recoveredSeq },
  });
}
