import { type Documentation, refused, replied, repliedText } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { FORM } from '../../../http/parameters.js';
import { Problem } from '../../../http/problem.js';
import { arrayOf, described, object } from '../../../http/schema.js';
import {
  DURABILITY_PARAMETER,
  DURABLE,
  IDEMPOTENCY_PARAMETER,
  REPLAYED_HEADER,
  SEQ,
  WRITE_PROBLEMS,
} from '../../../writes/documentation.js';
import { NDJSON_TYPE } from '../batch-reply.js';
import { itemProblem } from '../refusals.js';
import { COUNTING, INT64, KEY } from './schemas.js';

const ITEM = { ...object({ key: KEY }, { value: described(INT64, '1 if it is left out.') }), additionalProperties: false };

export const BATCH: Documentation = {
  id: 'incrementMany',
  tag: COUNTING,
  description:
    'A batch is one write: nobody sees half of it, it has one `seq`, and one bad item refuses all of it, with its `index`. ' +
    'NDJSON and forms are read as they come in.',
  parameters: [
    { ...DURABILITY_PARAMETER, in: 'query' },
    {
      name: 'Prefer',
      in: 'header',
      description: 'With `return=minimal` the reply says how many were counted, and has no values (RFC 7240).',
      schema: { type: 'string' },
    },
    IDEMPOTENCY_PARAMETER,
  ],
  bodies: {
    [JSON_TYPE]: arrayOf(ITEM),
    [NDJSON_TYPE]: {
      type: 'string',
      description: 'An object in JSON a line, with the members `key` and, if it is not 1, `value`.',
    },
    [FORM]: { type: 'string', description: '`key` and `value` in turns: every `key` begins an item.' },
  },
  replies: {
    200: {
      description: 'All are counted.',
      headers: REPLAYED_HEADER,
      content: {
        [JSON_TYPE]: object(
          { seq: SEQ },
          {
            values: {
              ...arrayOf(INT64),
              description: 'What each counter had after each item, in the order of the items. Without `Prefer: return=minimal`.',
            },
            count: { type: 'integer', minimum: 0, description: 'How many items there were. With `Prefer: return=minimal`.' },
            durable: DURABLE,
          },
        ),
        [NDJSON_TYPE]: { type: 'string', description: 'A line for each item, as `POST /increment` replies.' },
      },
    },
  },
  problems: [...WRITE_PROBLEMS, 'missing-parameter', 'unsupported-media-type', 'outside-prefix', 'overflow', 'registry-full'],
  examples: [
    {
      title: 'A form',
      as: FORM,
      body: 'key=views:a&value=3&key=views:b&key=views:a&value=2',
      reply: replied({ values: [3, 1, 5], seq: 1 }),
    },
    {
      title: 'An array',
      body: [{ key: 'views:a', value: 1 }, { key: 'views:c' }],
      reply: replied({ values: [6, 1], seq: 2 }),
    },
    {
      title: 'Lines',
      as: NDJSON_TYPE,
      body: '{"key":"views:a","value":4}\n{"key":"views:b"}\n',
      reply: repliedText(NDJSON_TYPE, '{"key":"views:a","value":10,"seq":3}\n{"key":"views:b","value":2,"seq":3}\n'),
    },
    {
      title: 'Without the values',
      send: { Prefer: 'return=minimal', durability: 'disk' },
      as: FORM,
      body: 'key=views:a&key=views:b',
      reply: replied({ count: 2, seq: 4, durable: true }),
    },
    {
      title: 'A bad item',
      as: FORM,
      body: 'key=views:a&key=views:b&value=many',
      reply: refused(itemProblem(1, new Problem('invalid-parameter', 'value must be a whole number in decimal digits', 'value'))),
    },
  ],
};
