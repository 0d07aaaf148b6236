import { type Documentation, refused, type Tag } from './documentation.js';
import type { Headers } from './exchange.js';
import { Problem } from './problem.js';

/**
 * What a page of this server may do (CSP 3): load its own files and ask its own server, nothing else. No
 * text of it becomes markup or script, and no other page shows it in a frame.
 */
export const PAGE_HEADERS: Headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
};

const TEXT = { type: 'string' } as const;

const CACHED = {
  ETag: {
    description: 'Of this form of the file: with it in `If-None-Match` the reply is 304, while it is the same.',
    schema: TEXT,
  },
} as const;

const NOT_MODIFIED = { description: 'The client has it.', content: {}, headers: CACHED } as const;

/** What a route is that replies with a page. */
export function pageDocumentation(id: string, tag: Tag): Documentation {
  return {
    id,
    tag,
    replies: { 200: { description: 'The page.', content: { 'text/html': TEXT }, headers: CACHED }, 304: NOT_MODIFIED },
    examples: [],
  };
}

/** What a route is that replies with a file of a page, which the parameter `file` of its path names. */
export function fileDocumentation(id: string, tag: Tag): Documentation {
  return {
    id,
    tag,
    parameters: [{ name: 'file', in: 'path', description: 'Its name.', schema: TEXT }],
    replies: {
      200: {
        description: 'The file.',
        content: {
          'text/css': TEXT,
          'text/html': TEXT,
          'text/javascript': TEXT,
          'text/plain': TEXT,
          'image/png': {},
          'image/svg+xml': TEXT,
        },
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
}
