import type { Caller } from './caller.js';
import type { EventStream } from './event-stream.js';
import type { Problem } from './problem.js';

/** The request headers that a route can ask for. */
export type HeaderName =
  | 'accept'
  | 'accept-encoding'
  | 'access-control-request-method'
  | 'authorization'
  | 'content-type'
  | 'idempotency-key'
  | 'if-none-match'
  | 'last-event-id'
  | 'origin'
  | 'prefer'
  | 'x-forwarded-for';

/** Headers of a reply, beside its type and length. */
export type Headers = Readonly<Record<string, string>>;

/** The body of a request that has none. */
export const NO_BODY = new Uint8Array(0);

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json';

/**
 * One HTTP request and its reply, whichever transport carries it. A handler sees nothing else of
 * HTTP. It replies exactly once, before it returns or later: with `reply`, `refuse` or `stream`.
 */
export interface Exchange {
  /** Who made the request: NOBODY, until the guard of the route knows. */
  caller: Caller;
  /** The IP address at the other end of the connection; '' where that has none, or is gone. */
  readonly address: string;
  /**
   * A parameter of the path, by its name in the route's path; '' where the route has none of that
   * name. Like the query it is as it was sent, one character a byte (latin1): decoding is the
   * parser's business, which has to undo the percent signs before it reads UTF-8.
   */
  parameter(name: string): string;
  /** What follows the `?`; '' without one. */
  readonly query: string;
  /**
   * What the request is called, in its reply too: the X-Request-Id that it came with, where that is 1
   * to 128 visible ASCII characters; else one that is made when it is first asked for, and goes into
   * the reply where that was before it.
   */
  readonly requestId: string;
  /** The body, empty where the route reads none or has it streamed. Valid until the handler returns. */
  readonly body: Uint8Array;
  /** A header that the route declared; '' when it was not sent. */
  header(name: HeaderName): string;
  /**
   * Has the body given to a sink, piece by piece. Only where the route has its body streamed, and
   * only before the handler returns.
   */
  receive(sink: BodySink): void;
  /**
   * Replies; the body is taken out before this returns. When the client has gone, this does nothing.
   * A 304 has no body, and no length of one (RFC 9110, section 15.4.5).
   *
   * A reply before a streamed body's end stops its sink, and goes out when the body has ended. Where
   * that is far off, it goes out soon nonetheless, and the connection ends: see streamed-body.ts.
   */
  reply(status: number, type: string, body: string | Uint8Array, headers?: Headers): void;
  /** Replies with a problem, which has the request's id, and with the headers that belong to it. */
  refuse(problem: Problem, headers?: Headers): void;
  /** Sets who is called, once, when the client goes before it was replied to; at once if it has gone. */
  onAbort(callback: () => void): void;
  /**
   * Replies with a status that has no body: 204, or 304 for what the client has already. Only before the
   * handler returns.
   */
  replyEmpty(status: 204 | 304, headers: Headers): void;
  /**
   * Replies with server-sent events, as many as there come to be. To a HEAD request, to a client that
   * has gone, and when the server is about to stop, with none: the stream is over when this returns.
   */
  stream(headers?: Headers): EventStream;
}

/** Who takes a body in pieces. Nothing of it is called any more once the exchange was replied to. */
export interface BodySink {
  /** Takes what comes next: at least one byte, and valid only during the call. */
  piece(bytes: Uint8Array): void;
  /** The body is whole. */
  end(): void;
  /** The body will not be whole: the client has gone, or sent more than the route takes. There is nothing to reply. */
  abort(): void;
}
