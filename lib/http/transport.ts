import type { Exchange, Headers } from './exchange.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';
import type { Match } from './router.js';

/** The port that each transport implements: it accepts connections and feeds the routes. */
export interface Transport {
  /**
   * Starts to listen.
   *
   * @param port 0 for any free one.
   * @returns the port.
   * @throws ListenError when the address can't be had.
   */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections, ends event streams, and ends each open connection with the reply that is due on it. */
  stopListening(): void;
  /** How many requests are being answered; an event stream is none. */
  readonly pending: number;
  /** Ends every connection. */
  close(): void;
}

export type TransportOf = (routes: readonly Route[]) => Transport;

export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Connections that send or take nothing, or too slowly, for so long are cut off. */
export const IDLE_TIMEOUT_S = 10;

/** A body has to come at this rate, over IDLE_TIMEOUT_S. Both figures are those that uWebSockets.js has. */
export const RECEIVED_BYTES_PER_S_MIN = 16 * 1024;

/** The request line and all headers together. */
export const HEAD_BYTES_MAX = 16 * 1024;

/** Replies to a request that no route takes. */
export function refuseUnrouted(exchange: Exchange, method: string, path: string, match: Match | undefined): void {
  if (match === undefined) exchange.refuse(new Problem('not-found', `there is nothing at ${path}`));
  else exchange.refuse(new Problem('method-not-allowed', `${path} takes ${match.allow}, not ${method}`), { Allow: match.allow });
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
