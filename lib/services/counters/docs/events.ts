import { type Documentation, refused, repliedText } from '../../../http/documentation.js';
import { EVENT_STREAM_TYPE } from '../../../http/event-stream.js';
import { Problem } from '../../../http/problem.js';
import { QUERY_PROBLEMS, SEQ } from '../../../writes/documentation.js';
import { KEY, PREFIX_IN_QUERY, READING } from './schemas.js';

export const EVENTS: Documentation = {
  id: 'followCounters',
  tag: READING,
  description: [
    'The reply goes on until the client ends it: `curl -N` shows it, and a page that waits for the end of a reply does not.',
    'A `counter` event has the newest value of a counter that changed, or `null` when it was deleted or has ended: ' +
      '`{"key":"steps","value":1180,"seq":11}`. Its `id`, where it has one, is the `seq` up to which the client was told of everything.',
    'A `reset` event, `{"seq":11}`, says that the server no longer knows what changed since: every counter that is followed ' +
      'comes after it.',
    'A reader that does not keep up gets the newest values when it reads again, and misses those in between.',
  ].join('\n\n'),
  parameters: [
    {
      name: 'key',
      in: 'query',
      description: 'A counter to follow; up to 1,000 times. Not with `prefix`.',
      schema: KEY,
      isRepeated: true,
    },
    PREFIX_IN_QUERY,
    {
      name: 'since',
      in: 'query',
      description: 'The last write that the client knows of: what changed since comes first.',
      schema: SEQ,
    },
    {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'The same as `since`, and goes before it. An `EventSource` sends it by itself when it comes back.',
      schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
    },
  ],
  replies: { 200: { description: 'Server-sent events.', content: { [EVENT_STREAM_TYPE]: { type: 'string' } } } },
  problems: [...QUERY_PROBLEMS, 'too-many-parameters', 'outside-prefix', 'too-many-readers'],
  examples: [
    {
      title: 'A counter',
      after: [{ method: 'POST', target: '/increment', form: 'key=steps&value=1180' }],
      send: { key: ['steps'] },
      reply: repliedText(
        EVENT_STREAM_TYPE,
        ':\n\nid: 0\n\nevent: reset\ndata: {"seq":1}\n\nevent: counter\ndata: {"key":"steps","value":1180,"seq":1}\n\nid: 1\n\n',
      ),
    },
    {
      title: 'No number of a write',
      send: { since: 'yesterday' },
      reply: refused(new Problem('invalid-parameter', 'since must be the number of a write', 'since')),
    },
  ],
};
