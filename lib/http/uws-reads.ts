import type { HeaderName } from './exchange.js';
import type { RouteCounts } from './request-counts.js';
import type { Route } from './route.js';
import { parameterNames } from './router.js';
import { type NativeRequest, toNative } from './uws-native.js';

type ReadRoute = Pick<Route, 'path' | 'headers' | 'bodyBytesMax' | 'handle'>;

/** What an exchange has to know of its route. */
export interface Reads extends ReadRoute {
  /** The headers' names as the native code takes them. */
  readonly headerNames: readonly ArrayBuffer[];
  readonly parameterNames: readonly string[];
  /** Where X-Forwarded-For is among the headers; -1 where it is not read. */
  readonly forwardedAt: number;
  readonly counts: RouteCounts;
}

export function readsOf(route: ReadRoute, counts: RouteCounts): Reads {
  return {
    ...route,
    counts,
    headerNames: route.headers.map((name) => HEADER_NAMES[name]),
    parameterNames: parameterNames(route.path),
    forwardedAt: route.headers.indexOf(FORWARDED),
  };
}

/** Each proxy may add a line of its own to it. */
export const FORWARDED = 'x-forwarded-for';

/** Every line of a header, as one. */
export function allLines(req: NativeRequest, wanted: HeaderName): string {
  const lines: string[] = [];
  req.forEach((name, value) => {
    if (name === wanted) lines.push(value);
  });
  return lines.join(', ');
}

export function parametersOf(req: NativeRequest, count: number): string[] {
  const parameters: string[] = [];
  for (let i = 0; i < count; i++) parameters.push(asSent(req.getParameter(i)));
  return parameters;
}

/**
 * A part of the URL as the bytes that were sent, one character each. The library has decoded them
 * as UTF-8, with a replacement character where that failed; it comes out as a byte that UTF-8
 * never has, so that whoever decodes the bytes refuses them.
 */
export function asSent(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  if (!NOT_ASCII.test(text)) return text;
  return text
    .split('\ufffd')
    .map((part) => Buffer.from(part).toString('latin1'))
    .join('\xff');
}

const NOT_ASCII = /[\u0080-\uffff]/;

export const HEADER_NAMES: Readonly<Record<HeaderName, ArrayBuffer>> = {
  accept: toNative('accept'),
  'accept-encoding': toNative('accept-encoding'),
  authorization: toNative('authorization'),
  'access-control-request-method': toNative('access-control-request-method'),
  'content-type': toNative('content-type'),
  'idempotency-key': toNative('idempotency-key'),
  'if-none-match': toNative('if-none-match'),
  'last-event-id': toNative('last-event-id'),
  origin: toNative('origin'),
  prefer: toNative('prefer'),
  'x-forwarded-for': toNative('x-forwarded-for'),
};
