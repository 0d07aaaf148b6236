import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { corsFor } from './cors.js';
import { NodeConnection } from './node-connection.js';
import { NodeExchange, type Target, type Traffic } from './node-exchange.js';
import { loggedBy } from './node-logged-exchange.js';
import { RequestCounts } from './request-counts.js';
import { Router } from './router.js';
import { MIN_VERSION, readIdentity, type TlsFiles } from './tls.js';
import { HEAD_BYTES_MAX, IDLE_TIMEOUT_S, ListenError, type Transport, type TransportOptions } from './transport.js';

/** How often connections are looked for that are over their time. */
const TIMEOUT_CHECK_MS = 1_000;

/** For how long every connection is prepared for floods after one. */
const ALERT_S = 60;

const SERVER_OPTIONS = {
  maxHeaderSize: HEAD_BYTES_MAX,
  headersTimeout: IDLE_TIMEOUT_S * 1_000,
  // A large body may take longer than any request should: NodeConnection looks after bodies.
  requestTimeout: 0,
  keepAliveTimeout: IDLE_TIMEOUT_S * 1_000,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
};

const TLS_OPTIONS = { ...SERVER_OPTIONS, minVersion: MIN_VERSION, handshakeTimeout: IDLE_TIMEOUT_S * 1_000 } as const;

/** Serves with node:http: everywhere, HTTP/1.0 included, at about a third of the speed. */
export class NodeTransport implements Transport {
  readonly name = 'node';
  readonly #server: Server;
  readonly #secure: Secure | undefined;
  readonly #router: Router;
  readonly #requests: RequestCounts;
  readonly #Exchange: typeof NodeExchange;
  /**
   * When a connection breaks, Node has no event for the pipelined requests that waited on it, so
   * they are forgotten with it.
   */
  readonly #connections = new Map<Socket, NodeConnection>();
  readonly #traffic: Traffic;
  #clock: NodeJS.Timeout | undefined;
  /** How long the alert still lasts. */
  #alertS = 0;

  /** @throws TlsError */
  constructor({ routes, corsOrigins = [], tls, requests = new RequestCounts(), accessLog, onFault }: TransportOptions) {
    this.#router = new Router(routes);
    this.#requests = requests;
    for (const route of routes) requests.of(route);
    this.#Exchange = accessLog === undefined ? NodeExchange : loggedBy(accessLog);
    this.#traffic = { stopping: false, cors: corsFor(corsOrigins), onFault, streams: new Set() };
    this.#secure = tls && secure(tls);
    this.#server = this.#secure?.server ?? createServer(SERVER_OPTIONS);
    this.#server.on(this.#secure ? 'secureConnection' : 'connection', (socket: Socket) => {
      const connection = new NodeConnection(socket, () => this.#alert());
      if (this.#alertS > 0) connection.portion();
      this.#connections.set(socket, connection);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.#server.timeout = IDLE_TIMEOUT_S * 1_000;
    this.#server.on('timeout', (socket) => this.#connections.get(socket)?.stall());
    this.#server.on('request', (req, res) => this.#answer(req, res));
  }

  get pending(): number {
    let sum = 0;
    for (const { pending } of this.#connections.values()) sum += pending;
    return sum;
  }

  async listen(host: string, port: number): Promise<number> {
    await this.#listen({ host, port, exclusive: true }, `${host} port ${port}`);
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Listens on a socket in the file system instead.
   *
   * @throws ListenError when there can't be one at that path.
   */
  listenAt(path: string): Promise<void> {
    return this.#listen({ path }, path);
  }

  #listen(options: ListenOptions, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const refused = (error: Error) => reject(new ListenError(`can't listen on ${address}: ${error.message}`));
      this.#server.once('error', refused);
      this.#server.listen(options, () => {
        this.#server.off('error', refused);
        this.#clock = setInterval(() => this.#tick(), TIMEOUT_CHECK_MS);
        resolve();
      });
    });
  }

  reload(): void {
    this.#secure?.server.setSecureContext({ ...readIdentity(this.#secure.files), minVersion: MIN_VERSION });
  }

  stopListening(): void {
    this.#traffic.stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const stream of [...this.#traffic.streams]) stream.end();
  }

  close(): void {
    clearInterval(this.#clock);
    this.#server.closeAllConnections();
    for (const socket of this.#secure?.sockets ?? []) socket.destroy();
  }

  /** A client has sent far ahead: others may have done so, too. */
  #alert(): void {
    if (this.#alertS === 0) for (const connection of this.#connections.values()) connection.portion();
    this.#alertS = ALERT_S;
  }

  #tick(): void {
    if (this.#alertS > 0) this.#alertS--;
    for (const connection of this.#connections.values()) connection.tick();
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#connections.get(req.socket);
    // A connection that is closed already.
    if (connection === undefined) return;
    const exchange = new this.#Exchange(this.#traffic, connection, req, res, this.#target(req));
    connection.add(exchange, req);
    exchange.begin();
  }

  #target({ method = '', url = '' }: IncomingMessage): Target {
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const match = this.#router.match(method, path);
    const counts = match?.route === undefined ? this.#requests.unrouted : this.#requests.of(match.route);
    return { method, path, query: mark === -1 ? '' : url.slice(mark + 1), match, counts };
  }
}

interface Secure {
  readonly server: SecureServer;
  readonly files: TlsFiles;
  /** Below those that have said who they are, and those that are still about it, which the server does not list. */
  readonly sockets: ReadonlySet<Socket>;
}

function secure(files: TlsFiles): Secure {
  const server = createSecureServer({ ...TLS_OPTIONS, ...readIdentity(files) });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return { server, files, sockets };
}
