import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { NodeConnection } from './node-connection.js';
import { NodeExchange, type Target, type Traffic } from './node-exchange.js';
import type { Route } from './route.js';
import { Router } from './router.js';
import { HEAD_BYTES_MAX, IDLE_TIMEOUT_S, ListenError, type Transport } from './transport.js';

/** How often connections are looked for that are over their time. */
const TIMEOUT_CHECK_MS = 1_000;

/** For how long every connection is prepared for floods after one. */
const ALERT_S = 60;

/** Serves with node:http: everywhere, HTTP/1.0 included, at about a third of the speed. */
export class NodeTransport implements Transport {
  readonly #server: Server;
  readonly #router: Router;
  /**
   * When a connection breaks, Node has no event for the pipelined requests that waited on it, so
   * they are forgotten with it.
   */
  readonly #connections = new Map<Socket, NodeConnection>();
  readonly #traffic: Traffic = { stopping: false, streams: new Set() };
  #clock: NodeJS.Timeout | undefined;
  /** How long the alert still lasts. */
  #alertS = 0;

  constructor(routes: readonly Route[]) {
    this.#router = new Router(routes);
    this.#server = createServer({
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: IDLE_TIMEOUT_S * 1_000,
      // A large body may take longer than any request should: NodeConnection looks after bodies.
      requestTimeout: 0,
      keepAliveTimeout: IDLE_TIMEOUT_S * 1_000,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    });
    this.#server.on('connection', (socket) => {
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

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const refused = (error: Error) => reject(new ListenError(`can't listen on ${host} port ${port}: ${error.message}`));
      this.#server.once('error', refused);
      this.#server.listen({ host, port, exclusive: true }, () => {
        this.#server.off('error', refused);
        this.#clock = setInterval(() => this.#tick(), TIMEOUT_CHECK_MS);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
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
    const exchange = new NodeExchange(this.#traffic, connection, req, res, this.#target(req));
    connection.add(exchange, req);
    exchange.begin();
  }

  #target({ method = '', url = '' }: IncomingMessage): Target {
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    return { method, path, query: mark === -1 ? '' : url.slice(mark + 1), match: this.#router.match(method, path) };
  }
}
