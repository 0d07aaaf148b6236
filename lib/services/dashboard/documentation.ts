import { type Documentation, refused, type Tag } from '../../http/documentation.js';
import { Problem } from '../../http/problem.js';

const DASHBOARD: Tag = { name: 'Dashboard', description: 'A page for people: browsers get it at `/`.' };

const TEXT = { type: 'string' } as const;

const CACHED = {
  ETag: {
    description: 'Of this form of the file: with it in `If-None-Match` the reply is 304, while it is the same.',
    schema: TEXT,
  },
} as const;

const NOT_MODIFIED = { description: 'The client has it.', content: {}, headers: CACHED } as const;

export const PAGE: Documentation = {
  id: 'showDashboard',
  tag: DASHBOARD,
  replies: { 200: { description: 'The page.', content: { 'text/html': TEXT }, headers: CACHED }, 304: NOT_MODIFIED },
  examples: [],
};

export const ASSET: Documentation = {
  id: 'readDashboardFile',
  tag: DASHBOARD,
  parameters: [{ name: 'file', in: 'path', description: 'Its name.', schema: TEXT }],
  replies: {
    200: {
      description: 'The file.',
      content: { 'text/css': TEXT, 'text/html': TEXT, 'text/javascript': TEXT, 'text/plain': TEXT, 'image/svg+xml': TEXT },
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
