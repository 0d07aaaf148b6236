import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Exchange, type HeaderName, type Headers, NO_BODY, PROBLEM_TYPE } from './exchange.js';
import { type Problem, RETRY_AFTER_S } from './problem.js';
import type { Route } from './route.js';
import { Router } from './router.js';
import { bodyTooLarge, HEAD_BYTES_MAX, IDLE_TIMEOUT_S, ListenError, refuseUnrouted, type Transport } from './transport.js';

/** How often Node looks for connections that are over their time. */
const TIMEOUT_CHECK_MS = 1_000;

/** Serves with node:http: everywhere, HTTP/1.0 included, at about a third of the speed. */
export class NodeTransport implements Transport {
  readonly #server: Server;
  readonly #router: Router;
  /**
   * How many requests are being answered on each connection. When a connection breaks, Node has no
   * event for the pipelined requests that waited on it, so they are forgotten with it.
   */
  readonly #pending = new Map<Socket, number>();
  readonly #life: Life = { stopping: false };

  constructor(routes: readonly Route[]) {
    this.#router = new Router(routes);
    this.#server = createServer({
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: IDLE_TIMEOUT_S * 1_000,
      requestTimeout: IDLE_TIMEOUT_S * 1_000,
      keepAliveTimeout: IDLE_TIMEOUT_S * 1_000,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    });
    this.#server.on('connection', (socket) => {
      this.#pending.set(socket, 0);
      socket.once('close', () => this.#pending.delete(socket));
    });
    this.#server.on('request', (req, res) => this.#answer(req, res));
  }

  get pending(): number {
    let sum = 0;
    for (const pending of this.#pending.values()) sum += pending;
    return sum;
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const refused = (error: Error) => reject(new ListenError(`can't listen on ${host} port ${port}: ${error.message}`));
      this.#server.once('error', refused);
      this.#server.listen({ host, port, exclusive: true }, () => {
        this.#server.off('error', refused);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  stopListening(): void {
    this.#life.stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  close(): void {
    this.#server.closeAllConnections();
  }

  #count(socket: Socket, change: 1 | -1): void {
    const pending = this.#pending.get(socket);
    if (pending !== undefined) this.#pending.set(socket, pending + change);
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    this.#count(req.socket, 1);
    res.once('close', () => this.#count(req.socket, -1));
    const method = req.method ?? '';
    const url = req.url ?? '';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const match = this.#router.match(method, path);
    const exchange = new NodeExchange(this.#life, req, res, match?.parameter ?? '', mark === -1 ? '' : url.slice(mark + 1));
    const route = match?.route;
    if (route !== undefined && route.bodyBytesMax > 0) {
      exchange.receive(route);
      return;
    }
    // Only at its end, as where a body is read: else it would overtake a pipelined request before it.
    req.on('end', () => {
      if (route === undefined) refuseUnrouted(exchange, method, path, match);
      else route.handle(exchange);
    });
    // A body that nobody reads would keep the next request of the connection waiting.
    req.resume();
  }
}

/** What the transport tells its exchanges. */
interface Life {
  stopping: boolean;
}

class NodeExchange implements Exchange {
  readonly #life: Life;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly parameter: string;
  readonly query: string;
  body = NO_BODY;

  constructor(life: Life, req: IncomingMessage, res: ServerResponse, parameter: string, query: string) {
    this.#life = life;
    this.#req = req;
    this.#res = res;
    this.parameter = parameter;
    this.query = query;
  }

  header(name: HeaderName): string {
    const value = this.#req.headers[name];
    return typeof value === 'string' ? value : (value?.join(', ') ?? '');
  }

  /** Reads the body and then calls the route's handler. */
  receive(route: Route): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    this.#req.on('data', (piece: Buffer) => {
      if (this.#res.headersSent) return;
      bytes += piece.length;
      if (bytes > route.bodyBytesMax) this.refuse(bodyTooLarge(route));
      else pieces.push(piece);
    });
    this.#req.on('end', () => {
      if (this.#res.headersSent) return;
      this.body = Buffer.concat(pieces);
      route.handle(this);
    });
  }

  reply(status: number, type: string, body: string | Uint8Array, headers: Headers = {}): void {
    if (this.#life.stopping) this.#res.shouldKeepAlive = false;
    for (const name of Object.keys(headers)) this.#res.setHeader(name, headers[name] as string);
    this.#res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    // Node may still be writing when the caller uses its bytes again.
    this.#res.end(typeof body === 'string' ? body : Buffer.from(body));
  }

  refuse(problem: Problem, headers: Headers = {}): void {
    // A body that was cut short leaves bytes on the connection that are no request.
    if (problem.status === 413) this.#res.shouldKeepAlive = false;
    const all = problem.status === 503 ? { ...headers, 'Retry-After': String(RETRY_AFTER_S) } : headers;
    this.reply(problem.status, PROBLEM_TYPE, JSON.stringify(problem), all);
  }
}
