import { toJson } from '../../engine/int64.js';
import { JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { countedReply } from './counted-reply.js';
import { REPORT, SOURCES } from './docs/sources.js';
import { readPathKey, readPathText, readReport } from './parameters.js';
import { unknownKey } from './refusals.js';
import type { RouteParts } from './route-options.js';
import type { Source } from './sources.js';

const BODY_BYTES_MAX = 64 * 1024;

/** Counters that others keep, and report in running totals. */
export function sourceRoutes({ counters, writer, durability: byDefault }: RouteParts): Route[] {
  return [
    {
      method: 'PUT',
      path: '/numbers/{key}/sources/{source}',
      access: 'write',
      summary:
        'Takes a source’s own running totals of the counter `key`: `value` of what it counted up, `decrements` of what it ' +
        'counted down. The highest of each counts, so that repeats and late ones change nothing.',
      doc: REPORT,
      headers: ['content-type', 'accept', 'idempotency-key'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const source = readPathText(exchange.parameter('source'), 'source');
        if (source instanceof Problem) return exchange.refuse(source);
        const report = readReport(exchange, byDefault);
        if (report instanceof Problem) return exchange.refuse(report);
        const { total, decrements, durability } = report;
        writer.answer(
          exchange,
          () => ['source', key, source, total, decrements].join('\n'),
          durability,
          () => {
            const counted = counters.report(key, source, total, decrements);
            return counted instanceof Problem ? counted : { seq: counted.seq, ...countedReply(exchange, counted, durability) };
          },
        );
      },
    },
    {
      method: 'GET',
      path: '/numbers/{key}/sources',
      access: 'read',
      summary: 'Lists the sources of the counter `key`, in the order of their names, with the highest totals of each.',
      doc: SOURCES,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const key = readPathKey(exchange);
        if (key instanceof Problem) return exchange.refuse(key);
        const value = counters.value(key);
        const sources = counters.sourcesOf(key);
        if (value === undefined || sources === undefined) return exchange.refuse(unknownKey(key));
        const list = [...sources].sort((a, b) => (a.source < b.source ? -1 : 1)).map(sourceJson);
        exchange.reply(200, JSON_TYPE, `{"key":${JSON.stringify(key)},"value":${toJson(value)},"sources":[${list.join(',')}]}`);
      },
    },
  ];
}

function sourceJson({ source, total, decrements }: Source): string {
  return `{"source":${JSON.stringify(source)},"value":${toJson(total)},"decrements":${toJson(decrements)}}`;
}
