import { type Int64, toJson } from '../../engine/int64.js';
import { prefersText } from '../../http/accept.js';
import { JSON_TYPE, TEXT_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { countedReply } from './counted-reply.js';
import { DELETE, READ, SET } from './docs/numbers.js';
import { readDurabilityOnly, readPathKey, readSetting } from './parameters.js';
import { unknownKey } from './refusals.js';
import type { RouteParts } from './route-options.js';

const BODY_BYTES_MAX = 64 * 1024;

/** One counter by its key. */
export function numberRoutes({ counters, writer, durability: byDefault }: RouteParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/numbers/{key}',
      access: 'read',
      summary: 'Gives the value of the counter `key`.',
      doc: READ,
      headers: ['accept'],
      bodyBytesMax: 0,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const value = counters.value(key);
        if (value === undefined) return exchange.refuse(unknownKey(key));
        if (prefersText(exchange)) exchange.reply(200, TEXT_TYPE, `${value}\n`);
        else exchange.reply(200, JSON_TYPE, numberJson(key, value, counters.leftMs(key)));
      },
    },
    {
      method: 'PUT',
      path: '/numbers/{key}',
      access: 'write',
      summary: 'Gives the counter `key` a `value`; with `if_value`, only where it has that one now.',
      doc: SET,
      headers: ['content-type', 'accept', 'idempotency-key'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const setting = readSetting(exchange, byDefault);
        if (setting instanceof Problem) return exchange.refuse(setting);
        const { value, ifValue, durability } = setting;
        writer.answer(
          exchange,
          () => ['set', key, value, ifValue].join('\n'),
          durability,
          () => {
            const counted = counters.set(key, value, ifValue);
            return counted instanceof Problem ? counted : { seq: counted.seq, ...countedReply(exchange, counted, durability) };
          },
        );
      },
    },
    {
      method: 'DELETE',
      path: '/numbers/{key}',
      access: 'write',
      summary: 'Deletes the counter `key`, with its window and its sources. The reply has the value that it had.',
      doc: DELETE,
      headers: ['accept', 'idempotency-key'],
      bodyBytesMax: 0,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const durability = readDurabilityOnly(exchange, byDefault);
        if (durability instanceof Problem) return exchange.refuse(durability);
        writer.answer(
          exchange,
          // Three lines: an increment has two, and there may be a counter called delete.
          () => ['delete', key, ''].join('\n'),
          durability,
          () => {
            const counted = counters.delete(key);
            return counted instanceof Problem ? counted : { seq: counted.seq, ...countedReply(exchange, counted, durability) };
          },
        );
      },
    },
  ];
}

/** @param leftMs how long it still has, if it has an end. */
function numberJson(key: string, value: Int64, leftMs: number | undefined): string {
  const reset = leftMs === undefined ? '' : `,"reset_ms":${Math.ceil(leftMs)}`;
  return `{"key":${JSON.stringify(key)},"value":${toJson(value)}${reset}}`;
}
