import { type Documentation, refused, replied } from '../../../http/documentation.js';
import { JSON_TYPE, TEXT_TYPE } from '../../../http/exchange.js';
import { Problem } from '../../../http/problem.js';
import { arrayOf, described, object } from '../../../http/schema.js';
import { DURABILITY_PARAMETER, IDEMPOTENCY_PARAMETER, REPLAYED_HEADER, WRITE_PROBLEMS } from '../../../writes/documentation.js';
import { unknownKey } from '../refusals.js';
import { BARE_VALUE, COUNTED, COUNTING, INT64, KEY, KEY_IN_PATH, READING } from './schemas.js';

export const REPORT: Documentation = {
  id: 'reportSource',
  tag: COUNTING,
  description:
    'For clients that are offline for days, or retry without keeping keys: they count for themselves, and report their own ' +
    'running total. The counter is the sum of the highest total that each source has reported. At least one of `value` and ' +
    '`decrements` has to be there; the other is 0.',
  parameters: [
    KEY_IN_PATH,
    { name: 'source', in: 'path', description: 'Who reports. A name as a key is one.', schema: KEY },
    { name: 'value', in: 'body', description: 'All that the source has counted up so far. Not negative.', schema: INT64 },
    { name: 'decrements', in: 'body', description: 'All that it has counted down so far. Not negative.', schema: INT64 },
    { ...DURABILITY_PARAMETER, in: 'body' },
    IDEMPOTENCY_PARAMETER,
  ],
  replies: {
    200: {
      description: 'It is taken. `value` is that of the counter.',
      content: { [JSON_TYPE]: COUNTED, [TEXT_TYPE]: BARE_VALUE },
      headers: REPLAYED_HEADER,
    },
  },
  problems: [
    ...WRITE_PROBLEMS,
    'missing-parameter',
    'unsupported-media-type',
    'outside-prefix',
    'overflow',
    'registry-full',
    'sources-full',
  ],
  examples: [
    {
      title: 'A total',
      send: { key: 'steps', source: 'watch', value: 700 },
      reply: replied({ key: 'steps', value: 700, seq: 1 }),
    },
    {
      title: 'Counted up and down',
      send: { key: 'steps', source: 'phone', value: 500, decrements: 20 },
      reply: replied({ key: 'steps', value: 1180, seq: 2 }),
    },
    {
      title: 'A late report changes nothing',
      send: { key: 'steps', source: 'watch', value: 600 },
      reply: replied({ key: 'steps', value: 1180, seq: 2 }),
    },
    {
      title: 'No running total',
      send: { key: 'steps', source: 'watch', value: -1 },
      reply: refused(new Problem('invalid-parameter', "value is a running total, and can't be negative", 'value')),
    },
  ],
};

const SOURCE = object({
  source: KEY,
  value: described(INT64, 'The highest total that it has reported.'),
  decrements: described(INT64, 'The same of what it has counted down.'),
});

export const SOURCES: Documentation = {
  id: 'listSources',
  tag: READING,
  parameters: [KEY_IN_PATH],
  replies: {
    200: {
      description: 'The counter and its sources.',
      content: { [JSON_TYPE]: object({ key: KEY, value: INT64, sources: arrayOf(SOURCE) }) },
    },
  },
  problems: ['invalid-parameter', 'unknown-key', 'outside-prefix'],
  examples: [
    {
      title: 'Two sources',
      after: [
        { method: 'PUT', target: '/numbers/steps/sources/watch', form: 'value=700' },
        { method: 'PUT', target: '/numbers/steps/sources/phone', form: 'value=500&decrements=20' },
      ],
      send: { key: 'steps' },
      reply: replied({
        key: 'steps',
        value: 1180,
        sources: [
          { source: 'phone', value: 500, decrements: 20 },
          { source: 'watch', value: 700, decrements: 0 },
        ],
      }),
    },
    { title: 'No counter', send: { key: 'nobody' }, reply: refused(unknownKey('nobody')) },
  ],
};
