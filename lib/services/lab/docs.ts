import { type Documentation, repliedText, type Tag } from '../../http/documentation.js';
import { EVENT_STREAM_TYPE } from '../../http/event-stream.js';
import { TEXT_TYPE } from '../../http/exchange.js';
import { fileDocumentation, pageDocumentation } from '../../http/page-files.js';

const LAB: Tag = {
  name: 'Load lab',
  description: 'What concurrency does to something slow: a resource that takes `--lab-delay` a use, and two ways to use it.',
};

const TEXT = { type: 'string' } as const;

const OK: Documentation['replies'] = { 200: { description: '`OK`', content: { [TEXT_TYPE]: { const: 'OK' } } } };

export const SERIAL: Documentation = {
  id: 'useResource',
  tag: LAB,
  replies: OK,
  problems: ['resource-busy', 'too-many-uses'],
  examples: [{ title: 'A use', reply: repliedText(TEXT_TYPE, 'OK') }],
};

export const ASYNC: Documentation = {
  id: 'useResourceBehind',
  tag: LAB,
  description: 'Who gets an `OK` does not learn what becomes of the use: it is lost where the server stops before it is over.',
  replies: OK,
  problems: ['resource-busy', 'too-many-uses'],
  examples: [{ title: 'A use behind', reply: repliedText(TEXT_TYPE, 'OK') }],
};

export const EVENTS: Documentation = {
  id: 'followLab',
  tag: LAB,
  description: [
    'A `state` event comes first, and again after a reader did not keep up: `delay_ms` and `limit` (0 for none) of the resource, ' +
      '`samples` of the last minute, and a run of requests each for `serial` and `async`.',
    'A `change` event has those of the last three that have changed: `samples` are those that come after the others.',
    'A sample has the time `at` its end, in milliseconds since 1970, and the most `uses` of the resource and callers `waiting` at ' +
      'the same time in the tenth of a second before that. There are none while nothing goes on.',
    'A run is what came to an endpoint since it was last quiet for two seconds: `requests`, replies `per_second`, uses that are ' +
      '`completed`, requests `refused`, how long callers waited (`wait_p50_ms`, `wait_p99_ms`, `wait_max_ms`), and the `most_uses` ' +
      'that were under way at the same time.',
  ].join('\n\n'),
  replies: { 200: { description: 'Server-sent events.', content: { [EVENT_STREAM_TYPE]: TEXT } } },
  problems: ['too-many-readers'],
  examples: [],
};

export const PAGE = pageDocumentation('showLab', LAB);

export const PAGE_FILE = fileDocumentation('readLabFile', LAB);
