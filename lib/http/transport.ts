import type { AccessLog } from './access-log.js';
import type { Cors } from './cors.js';
import type { Exchange, Headers } from './exchange.js';
import { Problem } from './problem.js';
import type { RequestCounts } from './request-counts.js';
import type { Route } from './route.js';
import type { Match } from './router.js';
import type { TlsFiles } from './tls.js';

/** The port that each transport implements: it accepts connections and feeds the routes. */
export interface Transport {
  /** Which one it is, as the option that chooses it has it. */
  readonly name: 'uws' | 'node';
  /**
   * Starts to listen.
   *
   * @param port 0 for any free one.
   * @returns the port.
   * @throws ListenError when the address can't be had.
   */
  listen(host: string, port: number): Promise<number>;
  /**
   * Reads the certificate and its key again, for the connections that come from now on; those that
   * there are stay as they are. Does nothing without TLS.
   *
   * @throws TlsError when they can't be used: nothing has changed.
   */
  reload(): void;
  /** Takes no more connections, ends event streams, and ends each open connection with the reply that is due on it. */
  stopListening(): void;
  /** How many requests are being answered; an event stream is none. */
  readonly pending: number;
  /** Ends every connection. */
  close(): void;
}

export interface TransportOptions {
  readonly routes: readonly Route[];
  /** HTTPS, and nothing else, where it is given. */
  readonly tls?: TlsFiles | undefined;
  /** Whose pages a browser lets in, see cors.ts; where there is none, nothing is said of origins. */
  readonly corsOrigins?: readonly string[];
  /** Where it counts what it is asked. */
  readonly requests?: RequestCounts;
  /** Where it writes down each request; nowhere, if left out. */
  readonly accessLog?: AccessLog | undefined;
  /** Who is told of a fault in a handler; if left out, it is thrown on, and the process ends. */
  readonly onFault?: OnFault | undefined;
}

/** Is told what a handler threw, and at which request. */
export type OnFault = (error: unknown, exchange: Exchange) => void;

/** @throws TlsError when the files of `tls` can't be used. */
export type TransportOf = (options: TransportOptions) => Transport;

export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** The transport that was asked for can't be had. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
}

/** Connections that send or take nothing, or too slowly, for so long are cut off. */
export const IDLE_TIMEOUT_S = 10;

/** A body has to come at this rate, over IDLE_TIMEOUT_S. Both figures are those that uWebSockets.js has. */
export const RECEIVED_BYTES_PER_S_MIN = 16 * 1024;

/** The request line and all headers together. */
export const HEAD_BYTES_MAX = 16 * 1024;

/** What such a request asked for. */
export interface Unrouted {
  readonly method: string;
  readonly path: string;
  /** `undefined` when there is nothing at the path. */
  readonly match: Match | undefined;
}

/** Replies to a request that no route takes: a refusal, or the answer to a preflight. */
export function replyUnrouted(exchange: Exchange, { method, path, match }: Unrouted, cors: Cors | undefined): void {
  if (match === undefined) return exchange.refuse(new Problem('not-found', `there is nothing at ${path}`));
  const preflight = cors?.preflight(method, (name) => exchange.header(name), match.allow);
  if (preflight instanceof Problem) return exchange.refuse(preflight);
  if (preflight !== undefined) return exchange.replyEmpty(204, preflight);
  exchange.refuse(new Problem('method-not-allowed', `${path} takes ${match.allow}, not ${method}`), { Allow: match.allow });
}

/**
 * What to reply where a handler has thrown: a fault that one request leads to is not to end all others'.
 *
 * @throws the same where nobody is to be told.
 */
export function faultOf(error: unknown, exchange: Exchange, onFault: OnFault | undefined): Problem {
  if (onFault === undefined) throw error;
  onFault(error, exchange);
  return new Problem('internal-error');
}

/** The headers of a refusal: a handler's own, and those that belong to the problem. */
export function refusalHeaders({ retryAfterS }: Problem, headers: Headers): Headers {
  return retryAfterS === undefined ? headers : { 'Retry-After': String(retryAfterS), ...headers };
}

/** Whether a body is larger than its route takes by its own account. `contentLength` as it was sent, '' without one. */
export function isTooLarge(contentLength: string, { bodyBytesMax }: Pick<Route, 'bodyBytesMax'>): boolean {
  return Number(contentLength) > bodyBytesMax;
}

export function bodyTooLarge(route: Pick<Route, 'path' | 'bodyBytesMax'>): Problem {
  return new Problem('body-too-large', `${route.path} takes at most ${route.bodyBytesMax} bytes`);
}
