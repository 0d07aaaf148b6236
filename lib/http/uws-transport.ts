import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket } from 'uWebSockets.js';
import { createServer } from 'node:net';
import { type Cors, corsFor, PREFLIGHT_HEADERS } from './cors.js';
import type { HeaderName } from './exchange.js';
import { RequestCounts } from './request-counts.js';
import type { Method, Route } from './route.js';
import { Router } from './router.js';
import { type Identity, isSame, readIdentity, TlsError, type TlsFiles } from './tls.js';
import {
  HEAD_BYTES_MAX,
  ListenError,
  replyUnrouted,
  type Transport,
  type TransportOf,
  type TransportOptions,
} from './transport.js';
import { type Traffic, UwsExchange } from './uws-exchange.js';
import { loggedBy } from './uws-logged-exchange.js';
import { type Reads, readsOf } from './uws-reads.js';

declare module 'uWebSockets.js' {
  // What the package has, and its declarations leave out.
  export const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  interface TemplatedApp {
    listen(host: string, port: number, options: number, listening: (socket: us_listen_socket | false) => void): TemplatedApp;
    /** What other apps know this one by. */
    getDescriptor(): number;
    /** Has the connections that this app takes given to another one: to each of those that were added in turn. */
    addChildAppDescriptor(descriptor: number): TemplatedApp;
    removeChildAppDescriptor(descriptor: number): TemplatedApp;
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
  return (options) => new UwsTransport(uws, options);
}

class UwsTransport implements Transport {
  readonly name = 'uws';
  readonly #uws: Uws;
  readonly #routes: readonly Route[];
  /** The app that listens. */
  readonly #app: TemplatedApp;
  readonly #traffic: Traffic;
  readonly #requests: RequestCounts;
  /** What the log of requests reads of each. */
  readonly #loggedHeaders: readonly HeaderName[];
  readonly #Exchange: typeof UwsExchange;
  readonly #cors: Cors | undefined;
  readonly #secure: Secure | undefined;
  #socket: us_listen_socket | undefined;

  /** @throws TlsError */
  constructor(uws: Uws, { routes, corsOrigins = [], tls, requests = new RequestCounts(), accessLog, onFault }: TransportOptions) {
    this.#uws = uws;
    this.#requests = requests;
    this.#loggedHeaders = accessLog?.headers ?? [];
    this.#Exchange = accessLog === undefined ? UwsExchange : loggedBy(accessLog);
    this.#cors = corsFor(corsOrigins);
    this.#traffic = { pending: 0, stopping: false, cors: this.#cors, onFault, streams: new Set() };
    this.#routes = routes;
    this.#secure = tls && { files: tls, identity: readIdentity(tls), successors: [] };
    this.#app = this.#makeApp();
  }

  #makeApp(): TemplatedApp {
    const app = this.#secure === undefined ? this.#uws.App() : secureApp(this.#uws, this.#secure.files);
    const router = new Router(this.#routes);
    const cors = this.#cors;
    const unrouted = this.#unroutedReads();
    for (const route of this.#routes) this.#serve(app, route);
    // The library matches the routes above without a call into JavaScript. This one takes the rest.
    app.any('/*', (res, req) => {
      const method = req.getCaseSensitiveMethod();
      const path = req.getUrl();
      const exchange = new this.#Exchange(this.#traffic, res, req, unrouted, method === 'HEAD');
      replyUnrouted(exchange, { method, path, match: router.match(method, path) }, cors);
    });
    return app;
  }

  #serve(app: TemplatedApp, route: Route): void {
    const pattern = route.path.replace(/\{[^}]*\}/g, ':parameter');
    const headers = [...new Set([...route.headers, ...this.#loggedHeaders])];
    const reads = readsOf({ ...route, headers }, this.#requests.of(route));
    METHODS[route.method](app, pattern, this.#answer(route, reads));
    if (route.method !== 'GET') return;
    app.head(pattern, (res, req) => this.#begin(res, req, reads, true).handle());
  }

  #unroutedReads(): Reads {
    const headers = [...(this.#cors === undefined ? [] : PREFLIGHT_HEADERS), ...this.#loggedHeaders];
    return readsOf({ path: '', headers, bodyBytesMax: 0, handle: () => undefined }, this.#requests.unrouted);
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
    const exchange = new this.#Exchange(this.#traffic, res, req, reads, isHead);
    res.onAborted(() => exchange.abort());
    return exchange;
  }

  get pending(): number {
    return this.#traffic.pending;
  }

  /**
   * The library can listen in two ways. In its exclusive one it can't listen again on a port of which
   * connections were closed in the last minute: no restart under load. In its other one several
   * servers share a port, and each gets some of the connections. So Node looks first whether there is
   * a listener; it is only where two servers start in the same millisecond that both would be let in.
   */
  async listen(host: string, port: number): Promise<number> {
    if (port !== 0) await refuseTaken(host, port);
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, LISTEN_SHARED, (socket) => {
        if (socket === false)
          return reject(new ListenError(`can't listen on ${host} port ${port}: it is taken, or not this machine's`));
        this.#socket = socket;
        // The declarations call a listening socket and a connection by two unrelated types.
        resolve(this.#uws.us_socket_local_port(socket as us_socket));
      });
    });
  }

  /**
   * The library can't give an app another certificate. So there is a new app, and the one that listens
   * hands over every connection that it takes: the port is never let go, and nobody is refused. An app
   * can't be freed either, and takes 100 kB: the same files again make none.
   */
  reload(): void {
    if (this.#secure === undefined) return;
    const { files, identity, successors } = this.#secure;
    const next = readIdentity(files);
    if (isSame(next, identity)) return;
    const app = this.#makeApp();
    const before = successors.at(-1);
    // In this order: the library keeps count of whose turn it is, and would look behind the end of a list that got shorter.
    if (before !== undefined) this.#app.removeChildAppDescriptor(before.getDescriptor());
    this.#app.addChildAppDescriptor(app.getDescriptor());
    successors.push(app);
    this.#secure.identity = next;
  }

  stopListening(): void {
    this.#traffic.stopping = true;
    if (this.#socket !== undefined) this.#uws.us_listen_socket_close(this.#socket);
    this.#socket = undefined;
    for (const stream of [...this.#traffic.streams]) stream.end();
  }

  close(): void {
    this.#app.close();
    for (const app of this.#secure?.successors ?? []) app.close();
  }
}

interface Secure {
  readonly files: TlsFiles;
  /** What the newest app was made with. */
  identity: Identity;
  /** The apps that were made for new certificates; the last one gets the connections. */
  readonly successors: TemplatedApp[];
}

/** @param files that were read and checked: the library says no more than that it did not work. */
function secureApp(uws: Uws, { certFile, keyFile }: TlsFiles): TemplatedApp {
  try {
    // It takes TLS 1.2 and 1.3, and nothing older.
    return uws.SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  } catch (error) {
    throw new TlsError(`uWebSockets.js can't use the certificate in ${certFile} with the key in ${keyFile}`, { cause: error });
  }
}

/** The other of the two ways to listen, see UwsTransport.listen. */
const LISTEN_SHARED = 0;

/** @throws ListenError where the address can't be had: Node's listeners share with nobody. */
function refuseTaken(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new ListenError(`can't listen on ${host} port ${port}: ${error.message}`)));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

type Answer = (res: HttpResponse, req: HttpRequest) => void;

const METHODS: Record<Method, (app: TemplatedApp, pattern: string, answer: Answer) => void> = {
  GET: (app, pattern, answer) => app.get(pattern, answer),
  POST: (app, pattern, answer) => app.post(pattern, answer),
  PUT: (app, pattern, answer) => app.put(pattern, answer),
  DELETE: (app, pattern, answer) => app.del(pattern, answer),
};
