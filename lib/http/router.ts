import type { Method, Route } from './route.js';

/** A path's routes by method, and its parameters. */
export interface Match {
  readonly route: Route | undefined;
  /** Their values as they were sent, in the order of the path. */
  readonly parameters: readonly string[];
  /** What an Allow header says of the path. */
  readonly allow: string;
}

/** One segment of a route's path: its text; `undefined` for a parameter. */
type Segment = string | undefined;

interface Place {
  readonly segments: readonly Segment[];
  readonly routes: Map<string, Route>;
}

/**
 * Finds the route of a request. Paths are compared as they were sent, byte by byte; a parameter
 * is one segment, not empty. HEAD goes where GET goes.
 */
export class Router {
  readonly #exact = new Map<string, Place>();
  readonly #withParameters: Place[] = [];

  /** @throws Error for two routes of one method and path, and for two paths of which one shadows keys of the other. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    const segments = segmentsOf(route.path);
    const places = [...this.#exact.values(), ...this.#withParameters];
    const known = places.find((place) => isSame(place.segments, segments));
    if (known?.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    if (known !== undefined) {
      known.routes.set(route.method, route);
      return;
    }
    const shadow = places.find((place) => overlaps(place.segments, segments));
    if (shadow !== undefined) throw new Error(`a path can fit both ${[...shadow.routes.values()][0]?.path} and ${route.path}`);
    const place = { segments, routes: new Map<Method, Route>([[route.method, route]]) };
    if (segments.includes(undefined)) this.#withParameters.push(place);
    else this.#exact.set(route.path, place);
  }

  /** `undefined` when there is nothing at the path, whatever the method. O(places with parameters). */
  match(method: string, path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return matched(exact, method, NO_PARAMETERS);
    const segments = path.split('/');
    for (const place of this.#withParameters) {
      const parameters = parametersOf(segments, place.segments);
      if (parameters !== undefined) return matched(place, method, parameters);
    }
    return undefined;
  }
}

const NO_PARAMETERS: readonly string[] = [];

const PARAMETER = /^\{([^{}]+)\}$/;

/** The names of a path's parameters, in order. */
export function parameterNames(path: string): string[] {
  return path.split('/').flatMap((segment) => PARAMETER.exec(segment)?.[1] ?? []);
}

function segmentsOf(path: string): Segment[] {
  const names = parameterNames(path);
  if (new Set(names).size < names.length) throw new Error(`two parameters of one name in ${path}`);
  return path.split('/').map((segment) => {
    if (PARAMETER.test(segment)) return undefined;
    if (/[{}]/.test(segment)) throw new Error(`a parameter is a whole segment, unlike ${segment} in ${path}`);
    return segment;
  });
}

function isSame(a: readonly Segment[], b: readonly Segment[]): boolean {
  return a.length === b.length && a.every((segment, i) => segment === b[i]);
}

/** Whether there is a path that fits both. */
function overlaps(a: readonly Segment[], b: readonly Segment[]): boolean {
  return a.length === b.length && a.every((segment, i) => meets(segment, b[i]));
}

function meets(a: Segment, b: Segment): boolean {
  return a === b || (a === undefined && b !== '') || (b === undefined && a !== '');
}

function parametersOf(path: readonly string[], place: readonly Segment[]): string[] | undefined {
  if (path.length !== place.length) return undefined;
  const parameters: string[] = [];
  for (let i = 0; i < place.length; i++) {
    const sent = path[i] as string;
    if (place[i] === undefined && sent !== '') parameters.push(sent);
    else if (place[i] !== sent) return undefined;
  }
  return parameters;
}

function matched(place: Place, method: string, parameters: readonly string[]): Match {
  const allow = [...place.routes.keys()].flatMap((allowed) => (allowed === 'GET' ? ['GET', 'HEAD'] : allowed));
  return { route: place.routes.get(method === 'HEAD' ? 'GET' : method), parameters, allow: allow.join(', ') };
}
