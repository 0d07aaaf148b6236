import Negotiator from 'negotiator';
import { toJson } from '../../engine/int64.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import { type Exchange, JSON_TYPE, TEXT_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import type { Counted, Counters } from './counters.js';
import { readIncrement, readPathKey } from './parameters.js';

const BODY_BYTES_MAX = 64 * 1024;

/** How others count, and read what was counted. */
export function counterRoutes(counters: Counters, writes: WriteBehind): Route[] {
  return [
    {
      method: 'POST',
      path: '/increment',
      summary: 'Adds `value` (1 if it is left out) to the counter `key`, and makes it if it is new.',
      headers: ['content-type', 'accept'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const increment = readIncrement(exchange);
        if (increment instanceof Problem) return exchange.refuse(increment);
        const counted = counters.increment(increment.key, increment.by);
        if (counted instanceof Problem) return exchange.refuse(counted);
        if (writes.acknowledge(counted.seq)) replyCounted(exchange, counted);
        else writes.whenAcknowledged(counted.seq, () => replyCounted(exchange, counted));
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

function replyCounted(exchange: Exchange, { key, value, seq }: Counted): void {
  if (prefersText(exchange)) exchange.reply(200, TEXT_TYPE, `${value}\n`);
  else exchange.reply(200, JSON_TYPE, `{"key":${JSON.stringify(key)},"value":${toJson(value)},"seq":${seq}}`);
}

const REPLY_TYPES = ['application/json', 'text/plain'];

/** Whether the client would rather have the bare value. JSON, where it accepts both or neither. */
function prefersText(exchange: Exchange): boolean {
  const accept = exchange.header('accept');
  if (accept === '' || accept === '*/*') return false;
  return new Negotiator({ headers: { accept } }).mediaType(REPLY_TYPES) === 'text/plain';
}
