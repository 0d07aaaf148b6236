import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { readParameters } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { STATS } from './docs/statistics.js';
import type { Monitor } from './health.js';
import { INTERVAL_MS, type Sampler } from './sampler.js';
import type { ServerFacts } from './server-facts.js';

export interface StatsOptions {
  readonly sampler: Sampler;
  readonly monitor: Monitor;
  readonly facts: () => ServerFacts;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** A time in milliseconds has 13 digits until the year 2286. */
const TIME_DIGITS_MAX = 15;

/** What a dashboard shows. */
export function statsRoutes({ sampler, monitor, facts, wallMs }: StatsOptions): Route[] {
  return [
    {
      method: 'GET',
      path: '/stats',
      access: 'read',
      summary: 'What the server did in each of the last 600 seconds, or of those after `since`, and how it is now.',
      doc: STATS,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const since = readSince(exchange);
        if (since instanceof Problem) return exchange.refuse(since);
        const { version, transport, services, uptimeMs, counters, readers, users } = facts();
        const stats = {
          now: new Date(wallMs()).toISOString(),
          interval_ms: INTERVAL_MS,
          version,
          transport,
          services,
          uptime_s: Math.floor(uptimeMs / 1_000),
          store: monitor.store,
          reasons: monitor.troubles(),
          counters,
          readers,
          users,
          samples: sampler.since(since),
        };
        exchange.reply(200, JSON_TYPE, JSON.stringify(stats), { 'Cache-Control': 'no-store' });
      },
    },
  ];
}

/** The parameter `since`: the `at` of a sample. All of them, if it is left out. */
function readSince(exchange: Exchange): number | Problem {
  const parameters = readParameters(exchange, ['since']);
  if (parameters instanceof Problem) return parameters;
  const [text] = parameters;
  if (text === undefined) return 0;
  if (/^\d+$/.test(text) && text.length <= TIME_DIGITS_MAX) return Number(text);
  return new Problem('invalid-parameter', 'since must be the `at` of a sample: milliseconds since 1970', 'since');
}
