import { type ClientAddress, plainAddress } from './client-address.js';
import type { Exchange, HeaderName } from './exchange.js';

/** One request and its reply. */
export interface AccessEntry {
  readonly method: string;
  /** The path of the route that took it; `undefined` where none did. */
  readonly route: string | undefined;
  /** The path as it was sent, percent-encoded; `undefined` where what was sent was no path. Never the query. */
  readonly path: string | undefined;
  /** Of the reply; 0 where the client was gone before there was one. */
  readonly status: number;
  /** From the request's head to the reply; for a stream of events, to its beginning. */
  readonly ms: number;
  /** Of the reply's body; 0 for a stream. */
  readonly bytes: number;
  /** Of the client, behind the proxies that are trusted. */
  readonly address: string;
  /** The id of the caller's account; 0 without one. */
  readonly caller: number;
  /** What the reply calls the request, in X-Request-Id. */
  readonly requestId: string;
}

/** What was asked for, as the transport has it: one character a byte. */
export interface Asked {
  readonly method: string;
  /** `undefined` where no route takes it. */
  readonly route: string | undefined;
  readonly path: string;
}

export interface AccessLogOptions {
  readonly address: ClientAddress;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs: () => number;
  readonly write: (entry: AccessEntry) => void;
}

/** Writes down each request when it is replied to. Both transports feed it, where there is one. */
export class AccessLog {
  readonly #address: ClientAddress;
  readonly #nowMs: () => number;
  readonly #write: (entry: AccessEntry) => void;

  constructor({ address, nowMs, write }: AccessLogOptions) {
    this.#address = address;
    this.#nowMs = nowMs;
    this.#write = write;
  }

  /** The headers that it reads of each request. */
  get headers(): readonly HeaderName[] {
    return this.#address.headers;
  }

  /** A request has begun. The address is read now: a connection that is gone has none. */
  begin(exchange: Exchange, { method, route, path }: Asked): Visit {
    const startMs = this.#nowMs();
    const address = this.#address.of(exchange);
    return {
      end: (status, body) =>
        this.#write({
          method: printable(method),
          route,
          path: path.startsWith('/') ? printable(withoutFragment(path)) : undefined,
          status,
          ms: Math.round((this.#nowMs() - startMs) * 1e3) / 1e3,
          bytes: Buffer.byteLength(body),
          address: plainAddress(address),
          caller: exchange.caller.id,
          requestId: exchange.requestId,
        }),
    };
  }
}

/** A request under way. */
export interface Visit {
  /** It is replied to, or (GONE, '') the client has gone. To be called once. */
  end(status: number, body: string | Uint8Array): void;
}

/** No client should send a fragment; one that does may have a token in it, as redirections to browsers have. */
function withoutFragment(path: string): string {
  const mark = path.indexOf('#');
  return mark === -1 ? path : path.slice(0, mark);
}

/** Percent-encodes what a terminal might take for a command: not all of what clients send was encoded by them. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
