import { type Documentation, refused, replied, repliedText } from '../../../http/documentation.js';
import { JSON_TYPE, TEXT_TYPE } from '../../../http/exchange.js';
import { FORM } from '../../../http/parameters.js';
import { Problem } from '../../../http/problem.js';
import { object } from '../../../http/schema.js';
import { DURABILITY_PARAMETER, IDEMPOTENCY_PARAMETER, REPLAYED_HEADER, WRITE_PROBLEMS } from '../../../writes/documentation.js';
import { unknownKey } from '../refusals.js';
import { BARE_VALUE, COUNTED, COUNTING, INT64, KEY, KEY_IN_PATH, READING, RESET_MS } from './schemas.js';

export const READ: Documentation = {
  id: 'readCounter',
  tag: READING,
  parameters: [KEY_IN_PATH],
  replies: {
    200: {
      description: 'What the counter has.',
      content: { [JSON_TYPE]: object({ key: KEY, value: INT64 }, { reset_ms: RESET_MS }), [TEXT_TYPE]: BARE_VALUE },
    },
  },
  problems: ['invalid-parameter', 'unknown-key', 'outside-prefix'],
  examples: [
    {
      title: 'A counter',
      after: [{ method: 'POST', target: '/increment', form: 'key=abcdef&value=42' }],
      send: { key: 'abcdef' },
      reply: replied({ key: 'abcdef', value: 42 }),
    },
    { title: 'The bare value', send: { key: 'abcdef' }, reply: repliedText(TEXT_TYPE, '42\n') },
    {
      title: 'A counter that ends',
      after: [{ method: 'POST', target: '/increment', form: 'key=api:joe&ttl=60' }],
      send: { key: 'api:joe' },
      reply: replied({ key: 'api:joe', value: 1, reset_ms: 60_000 }),
    },
    { title: 'No counter', send: { key: 'nobody' }, reply: refused(unknownKey('nobody')) },
  ],
};

export const SET: Documentation = {
  id: 'setCounter',
  tag: COUNTING,
  parameters: [
    KEY_IN_PATH,
    { name: 'value', in: 'body', description: 'What the counter has from now on.', schema: INT64, isRequired: true },
    {
      name: 'if_value',
      in: 'body',
      description: 'Only where the counter has this value now. One that is not there has 0.',
      schema: INT64,
    },
    { ...DURABILITY_PARAMETER, in: 'body' },
    IDEMPOTENCY_PARAMETER,
  ],
  replies: {
    200: { description: 'It is set.', content: { [JSON_TYPE]: COUNTED, [TEXT_TYPE]: BARE_VALUE }, headers: REPLAYED_HEADER },
  },
  problems: [
    ...WRITE_PROBLEMS,
    'missing-parameter',
    'unsupported-media-type',
    'outside-prefix',
    'value-differs',
    'registry-full',
  ],
  examples: [
    { title: 'A value', send: { key: 'stock', value: 10 }, reply: replied({ key: 'stock', value: 10, seq: 1 }) },
    {
      title: 'Not the value that it has',
      send: { key: 'stock', value: 12, if_value: 11 },
      reply: refused(new Problem('value-differs', 'stock is 10, not 11', undefined, { value: 10 })),
    },
    {
      title: 'In place of the value that it has',
      send: { key: 'stock', value: 12, if_value: 10 },
      reply: replied({ key: 'stock', value: 12, seq: 2 }),
    },
    {
      title: 'A key with a slash',
      send: { key: 'a/b', value: 1 },
      as: FORM,
      reply: replied({ key: 'a/b', value: 1, seq: 3 }),
    },
  ],
};

export const DELETE: Documentation = {
  id: 'deleteCounter',
  tag: COUNTING,
  parameters: [KEY_IN_PATH, { ...DURABILITY_PARAMETER, in: 'query' }, IDEMPOTENCY_PARAMETER],
  replies: {
    200: {
      description: 'It is deleted. `value` is what it had.',
      content: { [JSON_TYPE]: COUNTED, [TEXT_TYPE]: BARE_VALUE },
      headers: REPLAYED_HEADER,
    },
  },
  problems: [...WRITE_PROBLEMS, 'outside-prefix', 'unknown-key'],
  examples: [
    {
      title: 'A counter',
      after: [{ method: 'PUT', target: '/numbers/stock', form: 'value=10' }],
      send: { key: 'stock' },
      reply: replied({ key: 'stock', value: 10, seq: 2 }),
    },
    { title: 'No counter', send: { key: 'stock' }, reply: refused(unknownKey('stock')) },
  ],
};
