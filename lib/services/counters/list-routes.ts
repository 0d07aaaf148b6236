import { type Int64, toJson } from '../../engine/int64.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import type { CounterTable, Valued } from './counter-table.js';
import type { Counters } from './counters.js';
import { type Range, readKeysOrRange, readPrefix, readTop } from './list-parameters.js';
import type { RouteParts } from './route-options.js';
import { Sum } from './sum.js';
import { Top } from './top.js';

/** How many scans run at the same time at the most: each takes memory for what changes under it. */
const SCANS_MAX = 16;

/** Many counters at once. */
export function listRoutes({ counters, table }: RouteParts): Route[] {
  const scans = new BoundedScans(table);
  return [
    {
      method: 'GET',
      path: '/numbers',
      summary:
        'Gives several counters at one instant, each named by a `key`; or a page of those whose keys begin with `prefix`, ' +
        'in the order of their keys, `limit` at the most, from the one that comes after `after`.',
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readKeysOrRange(exchange);
        if (asked instanceof Problem) exchange.refuse(asked);
        else if ('limit' in asked) void replyPage(exchange, counters, table, asked);
        else replyNamed(exchange, counters, asked);
      },
    },
    {
      method: 'GET',
      path: '/top',
      summary:
        'Gives the counters with the highest values, `limit` at the most, of those whose keys begin with `prefix`. ' +
        'Those of the same value stand in the order of their keys. All values are of one instant.',
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readTop(exchange);
        if (asked instanceof Problem) return exchange.refuse(asked);
        const top = new Top(asked.limit);
        const { seq } = counters;
        scans.scan(exchange, asked.prefix, top, () => `{"counters":[${top.counters.map(valuedJson).join(',')}],"seq":${seq}}`);
      },
    },
    {
      method: 'GET',
      path: '/sum',
      summary: 'Adds up the counters whose keys begin with `prefix`, at one instant, and says how many they are.',
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const prefix = readPrefix(exchange);
        if (prefix instanceof Problem) return exchange.refuse(prefix);
        const sum = new Sum();
        const { seq } = counters;
        scans.scan(exchange, prefix, sum, () => `{"sum":${toJson(sum.value)},"count":${sum.count},"seq":${seq}}`);
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

async function replyPage(exchange: Exchange, counters: Counters, table: CounterTable, range: Range): Promise<void> {
  await table.ready();
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

/** Scans for requests, not more of them at a time than there may be. */
class BoundedScans {
  readonly #table: CounterTable;
  #running = 0;

  constructor(table: CounterTable) {
    this.#table = table;
  }

  /** Shows every counter with the prefix to `viewer`, and replies with what came of it. */
  scan(exchange: Exchange, prefix: string, viewer: Viewer, body: () => string): void {
    if (this.#running === SCANS_MAX) return exchange.refuse(new Problem('too-many-scans', `${SCANS_MAX} are under way`));
    this.#running++;
    void this.#table
      .scan(prefix, (key, value) => viewer.add(key, value))
      .then(() => {
        this.#running--;
        exchange.reply(200, JSON_TYPE, body());
      });
  }
}
