import { type Documentation, replied, type Step, type Tag } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { arrayOf, NamedSchema, object } from '../../../http/schema.js';
import { DURABILITY_PARAMETER, DURABLE, QUERY_PROBLEMS, SEQ } from '../../../writes/documentation.js';
import { POINTS_MAX, USERS_MAX } from '../tables.js';

const POINTS: Tag = {
  name: 'Points',
  description:
    'Users with points, which each tick draws again, and a threshold with them. All is answered from memory, and from the last ' +
    'whole tick. Only with `--services points`.',
};

const POINTS_SHAPE = { type: 'integer', minimum: 0, maximum: POINTS_MAX } as const;
const COUNT = { type: 'integer', minimum: 0, maximum: USERS_MAX } as const;
const MS = { type: ['number', 'null'], minimum: 0 } as const;

const USER = object({ id: { type: 'integer', minimum: 1, maximum: USERS_MAX }, points: POINTS_SHAPE });

const TICK_MEMBERS = {
  tick: {
    type: 'integer',
    minimum: 0,
    description: 'How many there have been, in all runs. Before the first, all points are 0.',
  },
  at: { type: ['string', 'null'], format: 'date-time', description: 'When it was; `null` before the first.' },
  threshold: { ...POINTS_SHAPE, description: 'Users with more points than this are above it.' },
  users: { ...COUNT, description: 'How many users there are.' },
  above: { ...COUNT, description: 'How many of them are above the threshold.' },
  phase: {
    type: 'string',
    enum: ['idle', 'drawing', 'writing'],
    description: 'Whether the next tick is drawn, or the last one, or the users that were made, are not on disk yet.',
  },
  draw_ms: { ...MS, description: 'How many milliseconds it took to draw; `null` where that was not in this run.' },
  write_ms: {
    ...MS,
    description: 'How many it took then until it was on disk; `null` where it is not there yet, or since an earlier run.',
  },
  skipped: {
    type: 'integer',
    minimum: 0,
    description: 'Ticks of this run that were due while the one before was still drawn or written.',
  },
  next_ms: { type: 'integer', minimum: 0, description: 'In how many milliseconds the next one is due.' },
} as const;

const TICK = new NamedSchema('Tick', object(TICK_MEMBERS));

const DRAINED: Step = { method: 'POST', target: '/drain' };

export const QUERY: Documentation = {
  id: 'queryPoints',
  tag: POINTS,
  description:
    'Any two of those above the threshold are as likely as any others. Where fewer are above it, they are given. The time of the ' +
    'last query is in memory only: it is `null` after a start.',
  replies: {
    200: {
      description: 'Who is above.',
      content: {
        [JSON_TYPE]: {
          ...object({
            users: { ...arrayOf(USER), maxItems: 2 },
            timestamp: { type: ['string', 'null'], format: 'date-time', description: 'When the query before this one came.' },
          }),
          examples: [
            {
              users: [
                { id: 1, points: 30 },
                { id: 72, points: 30 },
              ],
              timestamp: '2020-07-30T17:09:33Z',
            },
          ],
        },
      },
    },
  },
  examples: [
    { title: 'The first query, before the first tick', reply: replied({ users: [], timestamp: null }) },
    { title: 'The next one', reply: replied({ users: [], timestamp: '2020-07-30T17:09:33Z' }) },
  ],
};

export const STATUS: Documentation = {
  id: 'readTick',
  tag: POINTS,
  replies: { 200: { description: 'The last whole tick, and what goes on.', content: { [JSON_TYPE]: TICK } } },
  examples: [
    {
      title: 'Before the first tick',
      after: [DRAINED],
      reply: replied({
        tick: 0,
        at: null,
        threshold: 0,
        users: 1_000,
        above: 0,
        phase: 'idle',
        draw_ms: null,
        write_ms: null,
        skipped: 0,
        next_ms: 59_870,
      }),
    },
  ],
};

export const FIRE: Documentation = {
  id: 'fireTick',
  tag: POINTS,
  description:
    'The reply comes when all are answered from the new tick; with `disk`, when it is on disk as well. While a tick is drawn or ' +
    'written none can be fired. A form or JSON may hold `durability`, and so may the query.',
  parameters: [{ ...DURABILITY_PARAMETER, in: 'body' }],
  replies: {
    200: {
      description: 'The tick that was fired.',
      content: { [JSON_TYPE]: object({ ...TICK_MEMBERS, seq: SEQ }, { durable: DURABLE }) },
    },
  },
  problems: [...QUERY_PROBLEMS, 'unsupported-media-type', 'tick-under-way', 'too-many-waiting', 'store-unavailable'],
  examples: [
    {
      title: 'On disk before the reply',
      after: [DRAINED],
      send: { durability: 'disk' },
      reply: replied({
        tick: 1,
        at: '2026-11-21T10:00:00.000Z',
        threshold: 42,
        users: 1_000,
        above: 573,
        phase: 'idle',
        draw_ms: 0.1,
        write_ms: 4.2,
        skipped: 0,
        next_ms: 59_996,
        seq: 2,
        durable: true,
      }),
    },
  ],
};
