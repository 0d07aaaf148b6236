import { type Documentation, refused, replied } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { Problem } from '../../../http/problem.js';
import { described, object } from '../../../http/schema.js';
import { QUERY_PROBLEMS, SEQ } from '../../../writes/documentation.js';
import { OPERATIONS } from './health.js';

const DURABILITY_REPLY = object({
  seq: described(SEQ, 'The last write.'),
  durable_seq: described(SEQ, 'The last write that is on disk, with all before it.'),
  pending: { type: 'integer', minimum: 0, description: 'How many writes lie between the two.' },
  oldest_pending_ms: { type: 'integer', minimum: 0, description: 'For how many milliseconds the first of them has waited.' },
  last_drain: {
    ...object({
      at: { type: 'string', format: 'date-time', description: 'When it ended.' },
      rows: { type: 'integer', minimum: 0, description: 'How many rows it wrote.' },
      ms: { type: 'number', minimum: 0, description: 'How many milliseconds it took.' },
    }),
    type: ['object', 'null'],
    description: '`null` before the first.',
  },
  store: { type: 'string', enum: ['ok', 'failing'] },
  recovered: {
    ...object({
      clean: { type: 'boolean', description: 'Whether the run before stopped in order.' },
      lost_at_most: {
        type: 'integer',
        minimum: 0,
        description: 'How many writes it acknowledged from memory and lost, at most.',
      },
      durable_seq: described(SEQ, 'Its last write that is on disk.'),
    }),
    description: 'What the run before left.',
  },
});

const FRESH = { clean: true, lost_at_most: 0, durable_seq: 0 };

export const DURABILITY: Documentation = {
  id: 'durability',
  tag: OPERATIONS,
  replies: { 200: { description: 'How far both are.', content: { [JSON_TYPE]: DURABILITY_REPLY } } },
  examples: [
    {
      title: 'A fresh server',
      reply: replied({
        seq: 0,
        durable_seq: 0,
        pending: 0,
        oldest_pending_ms: 0,
        last_drain: null,
        store: 'ok',
        recovered: FRESH,
      }),
    },
  ],
};

export const DRAIN: Documentation = {
  id: 'drain',
  tag: OPERATIONS,
  parameters: [
    {
      name: 'seq',
      in: 'body',
      description: 'A write that was made: the reply comes when all up to it are on disk.',
      schema: SEQ,
    },
  ],
  replies: { 200: { description: 'All of them are on disk.', content: { [JSON_TYPE]: DURABILITY_REPLY } } },
  problems: [...QUERY_PROBLEMS, 'unsupported-media-type', 'too-many-waiting', 'store-unavailable'],
  examples: [
    {
      title: 'All writes',
      after: [{ method: 'POST', target: '/increment', form: 'key=abcdef' }],
      reply: replied({
        seq: 1,
        durable_seq: 1,
        pending: 0,
        oldest_pending_ms: 0,
        last_drain: { at: '2026-11-21T10:00:00.000Z', rows: 1, ms: 0.7 },
        store: 'ok',
        recovered: FRESH,
      }),
    },
    {
      title: 'A write to come',
      send: { seq: 17 },
      reply: refused(new Problem('invalid-parameter', 'seq must be a whole number from 1 to the last write, 1', 'seq')),
    },
  ],
};
