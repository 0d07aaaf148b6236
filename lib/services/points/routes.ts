import type { WriteBehind } from '../../engine/write-behind.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { type Durability, readDurability, refuseToWait } from '../../writes/durability.js';
import { FIRE, QUERY, STATUS } from './docs/points.js';
import type { QueryReply } from './query-reply.js';
import type { Ticker } from './ticker.js';
import type { UserPoints } from './user-points.js';

const BODY_BYTES_MAX = 1_024;

export interface PointRoutesOptions {
  readonly points: UserPoints;
  readonly ticker: Ticker;
  readonly query: QueryReply;
  readonly writes: WriteBehind;
  /** Of a tick that is fired without saying. */
  readonly durability: Durability;
}

/** Who is above the threshold, and the ticks that say so. */
export function pointRoutes({ points, ticker, query, writes, durability: byDefault }: PointRoutesOptions): Route[] {
  return [
    {
      method: 'GET',
      path: '/points',
      access: 'read',
      summary: 'Gives at most two users whose points are above the threshold, and the time of the query before.',
      doc: QUERY,
      headers: [],
      bodyBytesMax: 0,
      handle: (exchange) => exchange.reply(200, JSON_TYPE, query.make(points.tick)),
    },
    {
      method: 'GET',
      path: '/points/tick',
      access: 'read',
      summary: 'The last tick: when it was, its threshold, and how long it took.',
      doc: STATUS,
      headers: [],
      bodyBytesMax: 0,
      handle: (exchange) => exchange.reply(200, JSON_TYPE, JSON.stringify(describe(points, ticker))),
    },
    {
      method: 'POST',
      path: '/points/tick',
      access: 'write',
      summary: 'Fires a tick now; the next one is due a whole `--points-tick` later.',
      doc: FIRE,
      headers: ['content-type'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const durability = readOwnDurability(exchange, byDefault);
        if (durability instanceof Problem) return exchange.refuse(durability);
        const refusal = refuseToWait(writes, durability) ?? refuseToFire(ticker);
        if (refusal !== undefined) return exchange.refuse(refusal);
        const reply = (more: object) => exchange.reply(200, JSON_TYPE, JSON.stringify({ ...describe(points, ticker), ...more }));
        void ticker.fire().then((seq) => {
          if (seq === undefined) return exchange.refuse(new Problem('stopping'));
          if (durability === 'disk') {
            return writes.whenDurable(seq, (onDisk) => {
              if (onDisk) reply({ seq, durable: true });
              else
                exchange.refuse(
                  new Problem('store-unavailable', 'the tick is in memory, and will be written when the store recovers'),
                );
            });
          }
          if (writes.acknowledge(seq)) return reply({ seq });
          writes.whenAcknowledged(seq, () => reply({ seq }));
        });
      },
    },
  ];
}

function readOwnDurability(exchange: Exchange, byDefault: Durability): Durability | Problem {
  const parameters = readParameters(exchange, ['durability']);
  if (parameters instanceof Problem) return parameters;
  return readDurability(parameters[0], byDefault);
}

function refuseToFire(ticker: Ticker): Problem | undefined {
  const { phase } = ticker.status();
  return phase === 'idle'
    ? undefined
    : new Problem('tick-under-way', `a tick is ${phase === 'drawing' ? 'drawn' : 'written'} now`);
}

function describe({ tick }: UserPoints, ticker: Ticker): object {
  const { phase, drawMs, writeMs, skipped, nextMs } = ticker.status();
  return {
    tick: tick.number,
    at: tick.number === 0 ? null : new Date(tick.atMs).toISOString(),
    threshold: tick.threshold,
    users: tick.users,
    above: tick.above,
    phase,
    draw_ms: round(drawMs),
    write_ms: round(writeMs),
    skipped,
    next_ms: Math.round(nextMs),
  };
}

/** To microseconds. */
function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1e3) / 1e3;
}
