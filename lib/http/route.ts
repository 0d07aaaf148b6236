import type { Exchange, HeaderName } from './exchange.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A route as data: where it is, what it reads, who answers. */
export interface Route {
  readonly method: Method;
  /** Segments between slashes; one of them may be a parameter: `/numbers/{key}`. */
  readonly path: string;
  /** One sentence for people. */
  readonly summary: string;
  /** The request headers that the handler may read. */
  readonly headers: readonly HeaderName[];
  /** The largest body it reads, in bytes; 0 when it reads none. */
  readonly bodyBytesMax: number;
  readonly handle: (exchange: Exchange) => void;
}
