import type { Access } from './caller.js';
import type { Documentation } from './documentation.js';
import type { Exchange, HeaderName } from './exchange.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A route as data: where it is, what it reads, who answers. */
export interface Route {
  readonly method: Method;
  /**
   * Segments between slashes, each a text or a parameter: `/numbers/{key}/sources/{source}`. No two
   * routes may be such that one path fits both: a key could not be reached.
   */
  readonly path: string;
  /** Who may call it. */
  readonly access: Access;
  /** One sentence for people. */
  readonly summary: string;
  /** What the API's document says of it beside that. */
  readonly doc: Documentation;
  /** The path of the same route that stands in the document; this one is left out of it. */
  readonly aliasOf?: string;
  /** The request headers that the handler may read. */
  readonly headers: readonly HeaderName[];
  /** The largest body it reads, in bytes; 0 when it reads none. */
  readonly bodyBytesMax: number;
  /**
   * `whole`, where this is left out: the handler is called when the body is there. `streamed`: it is
   * called when the headers are there, and has to reply or to give a sink (`Exchange.receive`).
   */
  readonly body?: 'whole' | 'streamed';
  readonly handle: (exchange: Exchange) => void;
}
