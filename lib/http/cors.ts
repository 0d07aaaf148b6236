import type { HeaderName, Headers } from './exchange.js';
import { Problem } from './problem.js';

/** In the place of an origin: pages of any origin may. */
const ANY = '*';

/** The headers that a preflight is told by. */
export const PREFLIGHT_HEADERS: readonly HeaderName[] = ['origin', 'access-control-request-method'];

/** What a page may read of a reply, beside its type, length and the like. */
const EXPOSED = 'X-Request-Id, Retry-After, Idempotency-Replayed, WWW-Authenticate, Allow, Link';

/** What a page may send, beside what it always may. */
const SENDABLE = 'Authorization, Content-Type, Idempotency-Key, Prefer, Last-Event-ID, X-Request-Id';

/** How long a browser may remember what a preflight said. Chromium takes no more. */
const MAX_AGE_S = 7_200;

/**
 * Which pages of other origins a browser may let read replies, and send requests that a plain form
 * can't (Fetch Standard, section 3.2, the CORS protocol). Credentials that a browser adds by itself,
 * cookies above all, are never allowed.
 *
 * It guards nothing against clients that are no browsers: those send what they like.
 */
export class Cors {
  readonly #allowed: ReadonlyMap<string, Headers>;
  /** What replies say to all others. */
  readonly #others: Headers;

  /** @param origins as browsers send them, one at least; or `*` among them, for any. */
  constructor(origins: readonly string[]) {
    if (origins.includes(ANY)) {
      this.#allowed = new Map();
      this.#others = allowing(ANY);
    } else {
      // Theirs too: a cache must not hand what it has for them to a page that is let in.
      this.#others = { Vary: 'Origin' };
      this.#allowed = new Map(origins.map((origin) => [origin, { ...allowing(origin), ...this.#others }]));
    }
  }

  /** What every reply says to a page of this origin; '' for a request that names none. */
  headersFor(origin: string): Headers {
    return this.#allowed.get(origin) ?? this.#others;
  }

  /**
   * What to reply to a preflight, which asks what a page may send: headers, or the refusal. `undefined`
   * for a request that is none.
   *
   * @param header of the request.
   * @param methods that the path takes.
   */
  preflight(method: string, header: (name: HeaderName) => string, methods: string): Headers | Problem | undefined {
    const origin = header('origin');
    if (method !== 'OPTIONS' || origin === '' || header('access-control-request-method') === '') return undefined;
    if (!('Access-Control-Allow-Origin' in this.headersFor(origin))) {
      return new Problem('origin-not-allowed', `pages of ${origin} may not send requests here: see --cors-origin`);
    }
    return {
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': SENDABLE,
      'Access-Control-Max-Age': String(MAX_AGE_S),
    };
  }
}

/** `undefined` where no origin is let in: nothing is read of requests then, and replies say nothing. */
export function corsFor(origins: readonly string[]): Cors | undefined {
  return origins.length === 0 ? undefined : new Cors(origins);
}

function allowing(origin: string): Headers {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED };
}
