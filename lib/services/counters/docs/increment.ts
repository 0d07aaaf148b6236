import { type Documentation, refused, replied, repliedText } from '../../../http/documentation.js';
import { JSON_TYPE, TEXT_TYPE } from '../../../http/exchange.js';
import { FORM } from '../../../http/parameters.js';
import { Problem } from '../../../http/problem.js';
import { DURABILITY_PARAMETER, IDEMPOTENCY_PARAMETER, REPLAYED_HEADER, WRITE_PROBLEMS } from '../../../writes/documentation.js';
import { TTL_S_MAX } from '../parameters.js';
import { BARE_VALUE, COUNTED, COUNTING, INT64, KEY } from './schemas.js';

export const INCREMENT: Documentation = {
  id: 'increment',
  tag: COUNTING,
  description:
    'With `min` or `max` a step that would cross the bound is refused with 409 `bound`; with `saturate` it stops at the bound ' +
    'instead. With `ttl` the counter ends that long after its first increment, and begins again from zero: with `max` that ' +
    'is a rate limit in one request.',
  parameters: [
    { name: 'key', in: 'body', description: 'The counter.', schema: KEY, isRequired: true },
    { name: 'value', in: 'body', description: 'What is added; 1 if it is left out.', schema: INT64 },
    { ...DURABILITY_PARAMETER, in: 'body' },
    { name: 'min', in: 'body', description: 'No step goes below it.', schema: INT64 },
    { name: 'max', in: 'body', description: 'No step goes above it.', schema: INT64 },
    {
      name: 'saturate',
      in: 'body',
      description: 'Stops at the bound, where the step would cross it. Needs `min` or `max`; `false` if it is left out.',
      schema: { type: 'boolean' },
    },
    {
      name: 'ttl',
      in: 'body',
      description: 'The seconds that a new counter lasts. One that exists keeps its end.',
      schema: { type: 'integer', minimum: 1, maximum: TTL_S_MAX },
    },
    IDEMPOTENCY_PARAMETER,
  ],
  replies: {
    200: { description: 'It is counted.', content: { [JSON_TYPE]: COUNTED, [TEXT_TYPE]: BARE_VALUE }, headers: REPLAYED_HEADER },
  },
  problems: [
    ...WRITE_PROBLEMS,
    'missing-parameter',
    'unsupported-media-type',
    'outside-prefix',
    'overflow',
    'bound',
    'not-a-window',
    'registry-full',
  ],
  examples: [
    { title: 'One more', send: { key: 'abcdef', value: 1 }, reply: replied({ key: 'abcdef', value: 1, seq: 1 }) },
    {
      title: 'On disk, and once however often it is sent',
      send: { key: 'sold', durability: 'disk', 'Idempotency-Key': 'order-17' },
      reply: replied({ key: 'sold', value: 1, seq: 2, durable: true }),
    },
    {
      title: 'The repeat of a write',
      send: { key: 'sold', durability: 'disk', 'Idempotency-Key': 'order-17' },
      reply: replied({ key: 'sold', value: 1, seq: 2, durable: true }, 200, { 'Idempotency-Replayed': 'true' }),
    },
    {
      title: 'Another write with the same key',
      send: { key: 'sold', value: 5, 'Idempotency-Key': 'order-17' },
      reply: refused(new Problem('idempotency-key-reused', 'this Idempotency-Key came with another payload before')),
    },
    {
      title: 'A large number',
      send: { key: 'large', value: '9007199254740993' },
      reply: replied({ key: 'large', value: '9007199254740993', seq: 3 }),
    },
    { title: 'The bare value', send: { key: 'abcdef' }, reply: repliedText(TEXT_TYPE, '2\n') },
    {
      title: 'Not above a bound',
      send: { key: 'seats', value: 4, max: 5 },
      reply: replied({ key: 'seats', value: 4, remaining: 1, seq: 5 }),
    },
    {
      title: 'As far as the bound',
      send: { key: 'seats', value: 4, max: 5, saturate: true },
      reply: replied({ key: 'seats', value: 5, applied: 1, remaining: 0, seq: 6 }),
    },
    {
      title: 'Across a bound',
      send: { key: 'seats', value: -6, min: 0 },
      reply: refused(new Problem('bound', 'seats is 5, and -6 more would be below 0', undefined, { value: 5 })),
    },
    {
      title: 'A rate limit',
      send: { key: 'api:joe', max: 100, ttl: 60 },
      reply: replied({ key: 'api:joe', value: 1, remaining: 99, reset_ms: 60_000, seq: 7 }),
    },
    {
      title: 'A form',
      as: FORM,
      send: { key: 'abcdef', value: 40 },
      reply: replied({ key: 'abcdef', value: 42, seq: 8 }),
    },
    {
      title: 'No whole number',
      send: { key: 'abcdef', value: '1.5' },
      reply: refused(new Problem('invalid-parameter', 'value must be a whole number in decimal digits', 'value')),
    },
  ],
};
