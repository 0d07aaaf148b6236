import type { Headers } from './exchange.js';

/** What a request may be called by its caller: 1 to 128 visible ASCII characters. */
const REQUEST_ID = /^[!-~]{1,128}$/;

/** The id that a caller gave its request; '' where there is none, or one that can't be taken. `sent` is '' without the header. */
export function givenId(sent: string): string {
  return sent === '' || REQUEST_ID.test(sent) ? sent : '';
}

/**
 * All headers of a reply beside its type and length: its own, and those that any reply to this request
 * has. Where there is nothing to add, `own` itself: the usual reply costs two comparisons.
 *
 * @param requestId '' where the request has none.
 * @param cors what a browser has to be told; see cors.ts.
 */
export function replyHeaders(own: Headers, requestId: string, cors: Headers | undefined): Headers {
  if (requestId === '' && cors === undefined) return own;
  return requestId === '' ? { ...own, ...cors } : { ...own, 'X-Request-Id': requestId, ...cors };
}
