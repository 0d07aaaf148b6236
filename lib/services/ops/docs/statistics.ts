import { type Documentation, refused, replied } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { Problem } from '../../../http/problem.js';
import { arrayOf, object, type Shape } from '../../../http/schema.js';
import { QUERY_PROBLEMS } from '../../../writes/documentation.js';
import { METRICS_TYPE } from '../metrics.js';
import type { Figure } from '../sample-ring.js';
import { OPERATIONS, TROUBLES } from './health.js';

const COUNT = { type: 'integer', minimum: 0 } as const;

const MS = { type: 'number', minimum: 0 } as const;

function column(items: Shape, description: string): Shape {
  return { ...arrayOf(items), description };
}

const SAMPLES: Readonly<Record<Figure, Shape>> = {
  at: column(COUNT, 'When the second ended, in milliseconds since 1970. It grows from each to the next.'),
  increments: column(COUNT, 'Writes; a batch is one.'),
  requests: column(COUNT, 'Requests that were replied to, or given up by their clients.'),
  drains: column(COUNT, 'Drains that came to the disk.'),
  drain_failures: column(COUNT, 'Drains that came to nothing; each is tried again.'),
  drained_rows: column(COUNT, 'Rows that they wrote or deleted.'),
  drain_ms: column(MS, 'Milliseconds that the longest of them took; 0 without one.'),
  delay_p50_ms: column(MS, 'How late the serving thread came to its work, in milliseconds: the median.'),
  delay_p99_ms: column(MS, 'The 99th percentile of that.'),
  delay_max_ms: column(MS, 'The longest.'),
  queue: column(COUNT, 'Dirty entries that wait for the disk, at the end of the second.'),
  oldest_pending_ms: column(COUNT, 'For how long the oldest write waits that is not on disk; 0 when all are.'),
  seq: column(COUNT, 'The last write.'),
  durable_seq: column(COUNT, 'The last write that is on disk, with all before it.'),
  heap_bytes: column(COUNT, 'JavaScript memory in use.'),
  rss_bytes: column(COUNT, 'Memory of the process.'),
};

const STATS_REPLY = object({
  now: { type: 'string', format: 'date-time', description: 'The server’s time.' },
  interval_ms: { type: 'integer', const: 1_000, description: 'From one sample to the next.' },
  version: { type: 'string' },
  transport: { type: 'string', enum: ['uws', 'node'] },
  services: { type: 'array', items: { type: 'string' }, description: 'Those that are on.' },
  uptime_s: { ...COUNT, description: 'Seconds since the server was started.' },
  store: { type: 'string', enum: ['ok', 'failing'] },
  reasons: { ...TROUBLES, description: 'What is wrong now, as in `GET /healthz`.' },
  counters: { ...COUNT, description: 'In memory.' },
  readers: { ...COUNT, description: 'Who follow the events.' },
  users: COUNT,
  samples: { ...object(SAMPLES), description: 'By figure: lists of one length, the oldest sample first.' },
});

export const STATS: Documentation = {
  id: 'readStatistics',
  tag: OPERATIONS,
  description:
    'A sample stands for a second, or for more where the serving thread was kept busy for longer: a rate is a count over the ' +
    'difference of two `at`. Who draws them asks once a second for what came `since` the last.',
  parameters: [
    {
      name: 'since',
      in: 'query',
      description: 'The `at` of a sample: only later ones are given.',
      schema: { type: 'integer', minimum: 0 },
    },
  ],
  replies: { 200: { description: 'How the server is, and was.', content: { [JSON_TYPE]: STATS_REPLY } } },
  problems: QUERY_PROBLEMS,
  examples: [
    {
      title: 'A fresh server',
      reply: replied({
        now: '2026-11-21T10:00:01.500Z',
        interval_ms: 1_000,
        version: '1.0.0',
        transport: 'uws',
        services: ['counters', 'accounts'],
        uptime_s: 1,
        store: 'ok',
        reasons: [],
        counters: 0,
        readers: 0,
        users: 0,
        samples: {
          at: [1795255201250],
          increments: [0],
          requests: [0],
          drains: [0],
          drain_failures: [0],
          drained_rows: [0],
          drain_ms: [0],
          delay_p50_ms: [0.1],
          delay_p99_ms: [0.9],
          delay_max_ms: [1.2],
          queue: [0],
          oldest_pending_ms: [0],
          seq: [0],
          durable_seq: [0],
          heap_bytes: [19_000_000],
          rss_bytes: [98_000_000],
        },
      }),
    },
    {
      title: 'No time',
      send: { since: 'yesterday' },
      reply: refused(new Problem('invalid-parameter', 'since must be the `at` of a sample: milliseconds since 1970', 'since')),
    },
  ],
};

export const METRICS: Documentation = {
  id: 'readMetrics',
  tag: OPERATIONS,
  replies: {
    200: { description: 'All metrics, each with its meaning.', content: { [METRICS_TYPE]: { type: 'string' } } },
  },
  examples: [],
};
