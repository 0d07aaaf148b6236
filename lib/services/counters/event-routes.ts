import type { Caller } from '../../http/caller.js';
import type { Exchange } from '../../http/exchange.js';
import { readRepeated } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { EVENTS } from './docs/events.js';
import type { Feed } from './feed.js';
import type { Filter } from './feed-reader.js';
import { readPrefixOf, refusalOfKeys } from './list-parameters.js';

const SEQ_DIGITS_MAX = 15;

/** @param readersMax how many readers there are at the most. */
export function eventRoutes(feed: Feed, readersMax: number): Route[] {
  return [
    {
      method: 'GET',
      path: '/events',
      access: 'read',
      summary:
        'Server-sent events: a `counter` event for each counter that changes, ten a second at the most for each, of those ' +
        'named by `key` or whose keys begin with `prefix`. `Last-Event-ID`, or `since`, resumes after a write.',
      doc: EVENTS,
      headers: ['last-event-id'],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readFollowing(exchange);
        if (asked instanceof Problem) return exchange.refuse(asked);
        if (feed.readers >= readersMax) {
          return exchange.refuse(new Problem('too-many-readers', `${readersMax} follow the feed`));
        }
        feed.follow(exchange.stream(), asked.filter, asked.since, exchange.caller);
      },
    },
  ];
}

function readFollowing(exchange: Exchange): { filter: Filter; since: number | undefined } | Problem {
  const parameters = readRepeated(exchange, 'key', ['prefix', 'since']);
  if (parameters instanceof Problem) return parameters;
  const [prefix, sinceText] = parameters.others;
  const filter = readFilter(exchange.caller, parameters.values, prefix);
  if (filter instanceof Problem) return filter;
  // A client that comes back by itself sends the header, and the address that it first had.
  const lastId = exchange.header('last-event-id');
  const since = readSeq(lastId === '' ? sinceText : lastId, lastId === '' ? 'since' : 'Last-Event-ID');
  return since instanceof Problem ? since : { filter, since };
}

function readFilter(caller: Caller, keys: readonly string[], prefixText: string | undefined): Filter | Problem {
  if (keys.length === 0) {
    const prefix = readPrefixOf(caller, prefixText);
    return prefix instanceof Problem ? prefix : { prefix };
  }
  if (prefixText !== undefined) return new Problem('invalid-parameter', 'follow keys or a prefix, not both', 'key');
  return refusalOfKeys(caller, keys) ?? { keys: [...new Set(keys)] };
}

function readSeq(text: string | undefined, name: string): number | undefined | Problem {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && text.length <= SEQ_DIGITS_MAX) return Number(text);
  return new Problem('invalid-parameter', `${name} must be the number of a write`, name);
}
