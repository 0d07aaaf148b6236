import { type Documentation, refused, replied } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { Problem } from '../../../http/problem.js';
import { arrayOf, object } from '../../../http/schema.js';
import { QUERY_PROBLEMS, SEQ } from '../../../writes/documentation.js';
import { INT64, KEY, PREFIX_IN_QUERY, READING, VALUED } from './schemas.js';

const COUNT = [
  { method: 'POST', target: '/increments', form: 'key=views:a&value=6&key=views:b&value=1&key=views:c&value=10' },
] as const;

/** The last write that a reply has seen. */
const SEEN = { $ref: SEQ, description: 'The last write that the reply has seen.' };

const LIMIT = { type: 'integer', minimum: 1, maximum: 1_000 } as const;

export const LIST: Documentation = {
  id: 'listCounters',
  tag: READING,
  description:
    'Either `key`, as often as there are counters to read, or any of the others. The order of keys is that of their UTF-16 ' +
    'code units.',
  parameters: [
    { name: 'key', in: 'query', description: 'A counter; up to 1,000 times.', schema: KEY, isRepeated: true },
    PREFIX_IN_QUERY,
    { name: 'after', in: 'query', description: 'The key that the page comes after.', schema: { type: 'string' } },
    { name: 'limit', in: 'query', description: 'How many at the most.', schema: { ...LIMIT, default: 100 } },
  ],
  replies: {
    200: {
      description: 'The counters, all of one instant. A counter that was named and is not there has `null`.',
      headers: {
        Link: {
          description: 'Where the next page is, with `rel="next"` (RFC 8288), if there is one.',
          schema: { type: 'string' },
        },
      },
      content: {
        [JSON_TYPE]: object({
          counters: arrayOf(object({ key: KEY, value: { ...INT64.shape, type: ['integer', 'string', 'null'] } })),
          seq: SEEN,
        }),
      },
    },
  },
  problems: [...QUERY_PROBLEMS, 'too-many-parameters', 'outside-prefix'],
  examples: [
    {
      title: 'Some counters',
      after: COUNT,
      send: { key: ['views:c', 'nobody'] },
      reply: replied({
        counters: [
          { key: 'views:c', value: 10 },
          { key: 'nobody', value: null },
        ],
        seq: 1,
      }),
    },
    {
      title: 'A page',
      send: { prefix: 'views:', limit: 2 },
      reply: replied(
        {
          counters: [
            { key: 'views:a', value: 6 },
            { key: 'views:b', value: 1 },
          ],
          seq: 1,
        },
        200,
        { Link: '</numbers?prefix=views%3A&after=views%3Ab&limit=2>; rel="next"' },
      ),
    },
    {
      title: 'The next page',
      send: { prefix: 'views:', after: 'views:b', limit: 2 },
      reply: replied({ counters: [{ key: 'views:c', value: 10 }], seq: 1 }),
    },
    {
      title: 'Both at once',
      send: { key: ['views:c'], prefix: 'views:' },
      reply: refused(
        new Problem('invalid-parameter', 'key names counters, prefix, after and limit ask for a page: not both', 'key'),
      ),
    },
  ],
};

export const TOP: Documentation = {
  id: 'topCounters',
  tag: READING,
  parameters: [
    { name: 'limit', in: 'query', description: 'How many at the most.', schema: { ...LIMIT, default: 10 } },
    PREFIX_IN_QUERY,
  ],
  replies: {
    200: {
      description: 'The highest first.',
      content: { [JSON_TYPE]: object({ counters: arrayOf(VALUED), seq: SEEN }) },
    },
  },
  problems: [...QUERY_PROBLEMS, 'outside-prefix', 'too-many-scans'],
  examples: [
    {
      title: 'The two highest',
      after: COUNT,
      send: { limit: 2 },
      reply: replied({
        counters: [
          { key: 'views:c', value: 10 },
          { key: 'views:a', value: 6 },
        ],
        seq: 1,
      }),
    },
    {
      title: 'Too many',
      send: { limit: 1_001 },
      reply: refused(new Problem('invalid-parameter', 'limit must be a whole number from 1 to 1000', 'limit')),
    },
  ],
};

export const SUM: Documentation = {
  id: 'sumCounters',
  tag: READING,
  parameters: [PREFIX_IN_QUERY],
  replies: {
    200: {
      description: 'What they add up to, and how many they are.',
      content: {
        [JSON_TYPE]: object({
          sum: {
            description: 'Exact, and as large as it gets. A string of digits outside ±(2^53-1).',
            type: ['integer', 'string'],
            pattern: '^-?[0-9]+$',
          },
          count: { type: 'integer', minimum: 0 },
          seq: SEEN,
        }),
      },
    },
  },
  problems: [...QUERY_PROBLEMS, 'outside-prefix', 'too-many-scans'],
  examples: [
    { title: 'All with a prefix', after: COUNT, send: { prefix: 'views:' }, reply: replied({ sum: 17, count: 3, seq: 1 }) },
    { title: 'None', send: { prefix: 'nothing:' }, reply: replied({ sum: 0, count: 0, seq: 1 }) },
  ],
};
