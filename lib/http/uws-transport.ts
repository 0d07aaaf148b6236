import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { type Exchange, type HeaderName, type Headers, JSON_TYPE, NO_BODY, PROBLEM_TYPE } from './exchange.js';
import { type Problem, RETRY_AFTER_S } from './problem.js';
import type { Method, Route } from './route.js';
import { Router, splitAtParameter } from './router.js';
import { bodyTooLarge, HEAD_BYTES_MAX, ListenError, refuseUnrouted, type Transport, type TransportOf } from './transport.js';

declare module 'uWebSockets.js' {
  // What the package has, and its declarations leave out.
  export const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  interface TemplatedApp {
    listen(host: string, port: number, options: number, listening: (socket: us_listen_socket | false) => void): TemplatedApp;
  }
}

type Uws = typeof import('uWebSockets.js');

/**
 * Loads uWebSockets.js, which is native code and has no binary for some platforms and versions of
 * Node.
 *
 * @throws Error when there is no binary that fits.
 */
export async function loadUws(): Promise<TransportOf> {
  // The library reads it once, when it is loaded; its own default is 4 KiB.
  process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= String(HEAD_BYTES_MAX);
  const uws = await import('uWebSockets.js');
  return (routes) => new UwsTransport(uws, routes);
}

/** What the transport and its exchanges share. */
interface Traffic {
  pending: number;
  stopping: boolean;
}

class UwsTransport implements Transport {
  readonly #uws: Uws;
  readonly #app: TemplatedApp;
  readonly #traffic: Traffic = { pending: 0, stopping: false };
  #socket: us_listen_socket | undefined;

  constructor(uws: Uws, routes: readonly Route[]) {
    this.#uws = uws;
    this.#app = uws.App();
    const router = new Router(routes);
    for (const route of routes) this.#serve(route);
    // The library matches the routes above without a call into JavaScript. This one takes the rest.
    this.#app.any('/*', (res, req) => {
      const method = req.getCaseSensitiveMethod();
      const path = req.getUrl();
      const exchange = new UwsExchange(this.#traffic, res, req, UNROUTED, method === 'HEAD');
      refuseUnrouted(exchange, method, path, router.match(method, path));
    });
  }

  #serve(route: Route): void {
    const reads: Reads = { ...route, headerNames: route.headers.map((name) => HEADER_NAMES[name]) };
    const [before, after] = splitAtParameter(route.path);
    const pattern = after === undefined ? before : `${before}:parameter${after}`;
    const answer = (res: HttpResponse, req: HttpRequest) => {
      const exchange = new UwsExchange(this.#traffic, res, req, reads, false);
      res.onAborted(() => exchange.abort());
      if (route.bodyBytesMax > 0) res.onData((chunk, isLast) => exchange.receive(chunk, isLast));
      else exchange.handle();
    };
    METHODS[route.method](this.#app, pattern, answer);
    if (route.method !== 'GET') return;
    this.#app.head(pattern, (res, req) => {
      const exchange = new UwsExchange(this.#traffic, res, req, reads, true);
      res.onAborted(() => exchange.abort());
      exchange.handle();
    });
  }

  get pending(): number {
    return this.#traffic.pending;
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      // Without the option two servers share a port, and each gets half of the connections.
      this.#app.listen(host, port, this.#uws.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
        if (socket === false)
          return reject(new ListenError(`can't listen on ${host} port ${port}: it is taken, or not this machine's`));
        this.#socket = socket;
        // The declarations call a listening socket and a connection by two unrelated types.
        resolve(this.#uws.us_socket_local_port(socket as us_socket));
      });
    });
  }

  stopListening(): void {
    this.#traffic.stopping = true;
    if (this.#socket !== undefined) this.#uws.us_listen_socket_close(this.#socket);
    this.#socket = undefined;
  }

  close(): void {
    this.#app.close();
  }
}

type Answer = (res: HttpResponse, req: HttpRequest) => void;

const METHODS: Record<Method, (app: TemplatedApp, pattern: string, answer: Answer) => void> = {
  GET: (app, pattern, answer) => app.get(pattern, answer),
  POST: (app, pattern, answer) => app.post(pattern, answer),
  PUT: (app, pattern, answer) => app.put(pattern, answer),
  DELETE: (app, pattern, answer) => app.del(pattern, answer),
};

/** What an exchange has to know of its route. */
interface Reads extends Pick<Route, 'path' | 'headers' | 'bodyBytesMax' | 'handle'> {
  /** The headers' names as the native code takes them. */
  readonly headerNames: readonly ArrayBuffer[];
}

const UNROUTED: Reads = { path: '', headers: [], headerNames: [], bodyBytesMax: 0, handle: () => undefined };

class UwsExchange implements Exchange {
  readonly #traffic: Traffic;
  readonly #res: HttpResponse;
  readonly #route: Reads;
  readonly #isHead: boolean;
  readonly #headers: string[];
  readonly parameter: string;
  readonly query: string;
  body = NO_BODY;
  /** The pieces of a body that comes in more than one. */
  #pieces: Buffer[] | undefined;
  #pieceBytes = 0;
  /** Replied, or aborted: the native response must not be touched any more. */
  #ended = false;
  /** The native callback has returned: a reply has to be corked by itself. */
  #isLate = false;

  constructor(traffic: Traffic, res: HttpResponse, req: HttpRequest, route: Reads, isHead: boolean) {
    this.#traffic = traffic;
    this.#res = res;
    this.#route = route;
    this.#isHead = isHead;
    // The native request is gone when its callback returns, so all that is read of it is read now.
    const names = route.headerNames;
    this.#headers = new Array<string>(names.length);
    for (let i = 0; i < names.length; i++) this.#headers[i] = req.getHeader(names[i] as ArrayBuffer);
    this.parameter = route.path.endsWith('}') ? asSent(req.getParameter(0)) : '';
    this.query = asSent(req.getQuery());
    traffic.pending++;
  }

  header(name: HeaderName): string {
    return this.#headers[this.#route.headers.indexOf(name)] ?? '';
  }

  handle(): void {
    this.#route.handle(this);
    this.#isLate = true;
  }

  /** Takes a piece of the body; with the last one the handler is called. */
  receive(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.#ended) return;
    this.#pieceBytes += chunk.byteLength;
    if (this.#pieceBytes > this.#route.bodyBytesMax) return this.refuse(bodyTooLarge(this.#route));
    if (isLast && this.#pieces === undefined) {
      this.body = new Uint8Array(chunk);
      return this.handle();
    }
    // The chunk is detached when this returns.
    this.#pieces ??= [];
    this.#pieces.push(Buffer.from(chunk.slice(0)));
    if (!isLast) return;
    this.body = Buffer.concat(this.#pieces);
    this.handle();
  }

  abort(): void {
    if (!this.#ended) this.#end();
  }

  reply(status: number, type: string, body: string | Uint8Array, headers: Headers = NO_HEADERS): void {
    if (!this.#ended) this.#write(status, type, body, headers);
  }

  refuse(problem: Problem, headers: Headers = NO_HEADERS): void {
    const all = problem.status === 503 ? { ...headers, 'Retry-After': String(RETRY_AFTER_S) } : headers;
    if (!this.#ended) this.#write(problem.status, PROBLEM_TYPE, JSON.stringify(problem), all);
  }

  #write(status: number, type: string, body: string | Uint8Array, headers: Headers): void {
    this.#end();
    if (this.#isLate) this.#res.cork(() => this.#send(status, type, body, headers));
    else this.#send(status, type, body, headers);
  }

  #send(status: number, type: string, body: string | Uint8Array, headers: Headers): void {
    const res = this.#res;
    res.writeStatus(head(status, type));
    if (headers !== NO_HEADERS) for (const name of Object.keys(headers)) res.writeHeader(name, headers[name] as string);
    // A body that was cut short leaves bytes on the connection that are no request.
    const closes = this.#traffic.stopping || status === 413;
    if (!this.#isHead) {
      res.end(body, closes);
      return;
    }
    // With a length to report, endWithoutBody leaves the response unfinished: the next request
    // ends the connection, or the process.
    res.writeHeader('Content-Length', String(Buffer.byteLength(body)));
    res.endWithoutBody();
  }

  #end(): void {
    this.#ended = true;
    this.#traffic.pending--;
  }
}

/**
 * A part of the URL as the bytes that were sent, one character each. The library has decoded them
 * as UTF-8, with a replacement character where that failed; it comes out as a byte that UTF-8
 * never has, so that whoever decodes the bytes refuses them.
 */
function asSent(text: string | undefined): string {
  if (text === undefined) return '';
  if (!NOT_ASCII.test(text)) return text;
  return text
    .split('\ufffd')
    .map((part) => Buffer.from(part).toString('latin1'))
    .join('\xff');
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** The native code takes bytes in less than half the time that it takes a string in: 70 to 160 ns. */
function toBytes(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text)).buffer;
}

const HEADER_NAMES: Readonly<Record<HeaderName, ArrayBuffer>> = {
  accept: toBytes('accept'),
  'content-type': toBytes('content-type'),
  'idempotency-key': toBytes('idempotency-key'),
};

const NO_HEADERS: Headers = {};

/** The status line's end and the content type together: one call into native code less. */
function head(status: number, type: string): ArrayBuffer {
  if (status === 200 && type === JSON_TYPE) return OK_JSON;
  const known = heads.get(status + type);
  if (known !== undefined) return known;
  const bytes = toBytes(`${status} ${STATUS_CODES[status]}\r\nContent-Type: ${type}`);
  heads.set(status + type, bytes);
  return bytes;
}

const heads = new Map<string, ArrayBuffer>();
const OK_JSON = toBytes(`200 OK\r\nContent-Type: ${JSON_TYPE}`);
