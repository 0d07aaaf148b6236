import { type Documentation, refused, type Tag } from '../../http/documentation.js';
import { JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';

const DOCUMENTS: Tag = { name: 'Documentation', description: 'What you are reading.' };

const TEXT = { type: 'string' } as const;

const CACHED = {
  ETag: {
    description: 'Of this form of the file: with it in `If-None-Match` the reply is 304, while it is the same.',
    schema: TEXT,
  },
} as const;

const NOT_MODIFIED = { description: 'The client has it.', content: {}, headers: CACHED } as const;

export const DOCUMENT: Documentation = {
  id: 'readDocument',
  tag: DOCUMENTS,
  replies: { 200: { description: 'An OpenAPI 3.1 document.', content: { [JSON_TYPE]: { type: 'object' } } } },
  examples: [],
};

export const PAGE: Documentation = {
  id: 'showDocument',
  tag: DOCUMENTS,
  replies: { 200: { description: 'The page.', content: { 'text/html': TEXT }, headers: CACHED }, 304: NOT_MODIFIED },
  examples: [],
};

export const PAGE_FILE: Documentation = {
  id: 'readPageFile',
  tag: DOCUMENTS,
  parameters: [{ name: 'file', in: 'path', description: 'Its name.', schema: TEXT }],
  replies: {
    200: {
      description: 'The file.',
      content: { 'text/css': TEXT, 'text/javascript': TEXT, 'text/plain': TEXT, 'image/png': {} },
      headers: CACHED,
    },
    304: NOT_MODIFIED,
  },
  problems: ['not-found'],
  examples: [
    {
      title: 'No file',
      send: { file: 'passwords.txt' },
      reply: refused(new Problem('not-found', 'there is no file passwords.txt')),
    },
  ],
};
