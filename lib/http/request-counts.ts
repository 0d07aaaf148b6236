import type { Route } from './route.js';

/** In the place of a status: the client was gone before there was a reply. */
export const GONE = 0;

/** The classes of status codes, `1xx` to `5xx`, and GONE. */
const CLASSES = 6;

/**
 * How often a route was asked, by the class of the status it replied: at [2] all that were 200 to 299,
 * at [GONE] those whose client was gone before. Plain numbers, and doubles, as 2^32 requests are a
 * busy day's: one is counted in a few nanoseconds, and without an allocation.
 */
export type RouteCounts = Float64Array;

export function countRequest(counts: RouteCounts, status: number): void {
  // A typed array has a number at every index that it has.
  (counts[(status / 100) | 0] as number)++;
}

/** A route and its counts. */
export interface CountedRoute {
  /** The method that the route was declared with: HEAD counts as GET. */
  readonly method: string;
  readonly path: string;
  readonly counts: RouteCounts;
}

/** What stands for the path, and the method, of a request that no route takes: what was sent could be anything. */
const UNROUTED = 'unrouted';

/** Counts what a server was asked, by route and class of status. */
export class RequestCounts {
  readonly unrouted: RouteCounts = new Float64Array(CLASSES);
  readonly #routes = new Map<Route, CountedRoute>();

  /** Where a route's requests are counted. */
  of(route: Route): RouteCounts {
    const known = this.#routes.get(route);
    if (known !== undefined) return known.counts;
    const counts = new Float64Array(CLASSES);
    this.#routes.set(route, { method: route.method, path: route.path, counts });
    return counts;
  }

  get routes(): readonly CountedRoute[] {
    return [...this.#routes.values(), { method: UNROUTED, path: UNROUTED, counts: this.unrouted }];
  }

  /** All requests. O(routes). */
  get total(): number {
    let sum = 0;
    for (const { counts } of this.routes) for (const count of counts) sum += count;
    return sum;
  }
}
