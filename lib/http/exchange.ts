import type { Problem } from './problem.js';

/** The request headers that a route can ask for. */
export type HeaderName = 'accept' | 'content-type' | 'idempotency-key';

/** Headers of a reply, beside its type and length. */
export type Headers = Readonly<Record<string, string>>;

/** The body of a request that has none. */
export const NO_BODY = new Uint8Array(0);

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json';

/**
 * One HTTP request and its reply, whichever transport carries it. A handler sees nothing else of
 * HTTP. It replies exactly once, before it returns or later.
 */
export interface Exchange {
  /**
   * The path parameter, '' where the route has none. Like the query it is as it was sent, one
   * character a byte (latin1): decoding is the parser's business, which has to undo the percent
   * signs before it reads UTF-8.
   */
  readonly parameter: string;
  /** What follows the `?`; '' without one. */
  readonly query: string;
  /** The body, empty where the route reads none. Valid until the handler returns. */
  readonly body: Uint8Array;
  /** A header that the route declared; '' when it was not sent. */
  header(name: HeaderName): string;
  /** Replies; the body is taken out before this returns. When the client has gone, this does nothing. */
  reply(status: number, type: string, body: string | Uint8Array, headers?: Headers): void;
  /** Replies with a problem, and with the headers that belong to it. */
  refuse(problem: Problem, headers?: Headers): void;
}
