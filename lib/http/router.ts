import type { Method, Route } from './route.js';

/** A path's routes by method, and its parameter where it has one. */
export interface Match {
  readonly route: Route | undefined;
  readonly parameter: string;
  /** What an Allow header says of the path. */
  readonly allow: string;
}

interface Place {
  readonly routes: Map<string, Route>;
  readonly before: string;
  readonly after: string;
}

/**
 * Finds the route of a request. Paths are compared as they were sent, byte by byte; a parameter
 * is one segment, not empty. HEAD goes where GET goes.
 */
export class Router {
  readonly #exact = new Map<string, Place>();
  readonly #withParameter: Place[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    const [before, after] = splitAtParameter(route.path);
    const known = after === undefined ? this.#exact.get(before) : this.#place(before, after);
    const place = known ?? { routes: new Map<Method, Route>(), before, after: after ?? '' };
    if (place.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    place.routes.set(route.method, route);
    if (known !== undefined) return;
    if (after === undefined) this.#exact.set(before, place);
    else this.#withParameter.push(place);
  }

  #place(before: string, after: string): Place | undefined {
    return this.#withParameter.find((place) => place.before === before && place.after === after);
  }

  /** `undefined` when there is nothing at the path, whatever the method. */
  match(method: string, path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return matched(exact, method, '');
    for (const place of this.#withParameter) {
      const parameter = parameterOf(path, place);
      if (parameter !== undefined) return matched(place, method, parameter);
    }
    return undefined;
  }
}

/** `/a/{b}/c` as ['/a/', '/c'], a path without a parameter as [path]. */
export function splitAtParameter(path: string): [before: string, after?: string] {
  const parts = path.split(/\{[^}]*\}/);
  if (parts.length > 2) throw new Error(`more than one parameter in ${path}`);
  return parts as [string, string?];
}

function parameterOf(path: string, { before, after }: Place): string | undefined {
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const parameter = path.slice(before.length, path.length - after.length);
  return parameter === '' || parameter.includes('/') ? undefined : parameter;
}

function matched(place: Place, method: string, parameter: string): Match {
  const allow = [...place.routes.keys()].flatMap((allowed) => (allowed === 'GET' ? ['GET', 'HEAD'] : allowed));
  return { route: place.routes.get(method === 'HEAD' ? 'GET' : method), parameter, allow: allow.join(', ') };
}
