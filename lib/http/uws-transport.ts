import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket } from 'uWebSockets.js';
import type { Method, Route } from './route.js';
import { Router } from './router.js';
import { HEAD_BYTES_MAX, ListenError, refuseUnrouted, type Transport, type TransportOf } from './transport.js';
import { type Reads, readsOf, type Traffic, UwsExchange } from './uws-exchange.js';

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

class UwsTransport implements Transport {
  readonly #uws: Uws;
  readonly #app: TemplatedApp;
  readonly #traffic: Traffic = { pending: 0, stopping: false, streams: new Set() };
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
    const pattern = route.path.replace(/\{[^}]*\}/g, ':parameter');
    const reads = readsOf(route);
    METHODS[route.method](this.#app, pattern, this.#answer(route, reads));
    if (route.method !== 'GET') return;
    this.#app.head(pattern, (res, req) => this.#begin(res, req, reads, true).handle());
  }

  #answer(route: Route, reads: Reads): Answer {
    if (route.body === 'streamed') {
      return (res, req) => {
        const exchange = this.#begin(res, req, reads, false);
        // Before the handler is called: it may reply, and the response is not to be touched after that.
        res.onData((chunk, isLast) => exchange.pass(chunk, isLast));
        exchange.handleStreamed(req);
      };
    }
    if (route.bodyBytesMax === 0) return (res, req) => this.#begin(res, req, reads, false).handle();
    return (res, req) => {
      const exchange = this.#begin(res, req, reads, false);
      res.onData((chunk, isLast) => exchange.gather(chunk, isLast));
    };
  }

  #begin(res: HttpResponse, req: HttpRequest, reads: Reads, isHead: boolean): UwsExchange {
    const exchange = new UwsExchange(this.#traffic, res, req, reads, isHead);
    res.onAborted(() => exchange.abort());
    return exchange;
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
    for (const stream of [...this.#traffic.streams]) stream.end();
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

const UNROUTED: Reads = { path: '', headers: [], headerNames: [], parameterNames: [], bodyBytesMax: 0, handle: () => undefined };
