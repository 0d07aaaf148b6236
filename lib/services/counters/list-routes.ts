import { type Int64, toJson } from '../../engine/int64.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { BoundedReads } from './bounded-reads.js';
import type { CounterTable, Valued } from './counter-table.js';
import type { Counters } from './counters.js';
import { LIST, SUM, TOP } from './docs/lists.js';
import { type Range, readKeysOrRange, readPrefix, readTop } from './list-parameters.js';
import type { RouteParts } from './route-options.js';
import { Sum } from './sum.js';
import { Top } from './top.js';

/** Many counters at once. */
export function listRoutes({ counters, table }: RouteParts): Route[] {
  const reads = new BoundedReads();
  /** Shows every counter with the prefix to `viewer`, and replies with what came of it as of write `seq`. */
  const scan = (exchange: Exchange, prefix: string, viewer: Viewer, body: (seq: number) => string) =>
    reads.run(exchange, async () => {
      const { seq } = counters;
      await table.scan(prefix, (key, value) => viewer.add(key, value));
      exchange.reply(200, JSON_TYPE, body(seq));
    });
  return [
    {
      method: 'GET',
      path: '/numbers',
      access: 'read',
      summary:
        'Gives several counters at one instant, each named by a `key`; or a page of those whose keys begin with `prefix`, ' +
        'in the order of their keys, `limit` at the most, from the one that comes after `after`.',
      doc: LIST,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readKeysOrRange(exchange);
        if (asked instanceof Problem) exchange.refuse(asked);
        else if (!('limit' in asked)) replyNamed(exchange, counters, asked);
        else if (table.isReady) replyPage(exchange, counters, table, asked);
        else {
          reads.run(exchange, async () => {
            await table.ready();
            replyPage(exchange, counters, table, asked);
          });
        }
      },
    },
    {
      method: 'GET',
      path: '/top',
      access: 'read',
      summary:
        'Gives the counters with the highest values, `limit` at the most, of those whose keys begin with `prefix`. ' +
        'Those of the same value stand in the order of their keys. All values are of one instant.',
      doc: TOP,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readTop(exchange);
        if (asked instanceof Problem) return exchange.refuse(asked);
        const top = new Top(asked.limit);
        scan(exchange, asked.prefix, top, (seq) => `{"counters":[${top.counters.map(valuedJson).join(',')}],"seq":${seq}}`);
      },
    },
    {
      method: 'GET',
      path: '/sum',
      access: 'read',
      summary: 'Adds up the counters whose keys begin with `prefix`, at one instant, and says how many they are.',
      doc: SUM,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const prefix = readPrefix(exchange);
        if (prefix instanceof Problem) return exchange.refuse(prefix);
        const sum = new Sum();
        scan(exchange, prefix, sum, (seq) => `{"sum":${toJson(sum.value)},"count":${sum.count},"seq":${seq}}`);
      },
    },
  ];
}

/** Those that were asked for, in that order; `null` for one that is not there. */
function replyNamed(exchange: Exchange, counters: Counters, keys: readonly string[]): void {
  const list = keys.map((key) => {
    const value = counters.value(key);
    return `{"key":${JSON.stringify(key)},"value":${value === undefined ? 'null' : toJson(value)}}`;
  });
  exchange.reply(200, JSON_TYPE, `{"counters":[${list.join(',')}],"seq":${counters.seq}}`);
}

function replyPage(exchange: Exchange, counters: Counters, table: CounterTable, range: Range): void {
  const { prefix, after, limit } = range;
  // One more than was asked for tells whether there is a next page.
  const found = table.page(prefix, after, limit + 1);
  const page = found.slice(0, limit);
  const body = `{"counters":[${page.map(valuedJson).join(',')}],"seq":${counters.seq}}`;
  const last = page.at(-1);
  if (last === undefined || found.length === page.length) exchange.reply(200, JSON_TYPE, body);
  else exchange.reply(200, JSON_TYPE, body, { Link: nextLink(prefix, last.key, limit) });
}

/** Where the next page is (RFC 8288). */
function nextLink(prefix: string, after: string, limit: number): string {
  const query = [prefix === '' ? '' : `prefix=${encodeURIComponent(prefix)}&`, `after=${encodeURIComponent(after)}`];
  return `</numbers?${query.join('')}&limit=${limit}>; rel="next"`;
}

function valuedJson({ key, value }: Valued): string {
  return `{"key":${JSON.stringify(key)},"value":${toJson(value)}}`;
}

/** Who is shown the counters. */
interface Viewer {
  add(key: string, value: Int64): void;
}
