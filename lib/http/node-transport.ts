import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Exchange, type HeaderName, PROBLEM_TYPE } from './exchange.js';
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
  #pending = 0;
  #stopping = false;

  constructor(routes: readonly Route[]) {
    this.#router = new Router(routes);
    this.#server = createServer({
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: IDLE_TIMEOUT_S * 1_000,
      requestTimeout: IDLE_TIMEOUT_S * 1_000,
      keepAliveTimeout: IDLE_TIMEOUT_S * 1_000,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    });
    this.#server.on('request', (req, res) => this.#answer(req, res));
  }

  get pending(): number {
    return this.#pending;
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
    this.#stopping = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  close(): void {
    this.#server.closeAllConnections();
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    this.#pending++;
    res.once('close', () => this.#pending--);
    if (this.#stopping) res.shouldKeepAlive = false;
    const method = req.method ?? '';
    const url = req.url ?? '';
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const match = this.#router.match(method, path);
    const exchange = new NodeExchange(req, res, match?.parameter ?? '', mark === -1 ? '' : url.slice(mark + 1));
    const route = match?.route;
    if (route === undefined) refuseUnrouted(exchange, method, path, match);
    else if (route.bodyBytesMax === 0) route.handle(exchange);
    else return exchange.receive(route);
    // A body that nobody reads would keep the next request of the connection waiting.
    req.resume();
  }
}

class NodeExchange implements Exchange {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly parameter: string;
  readonly query: string;
  body = '';

  constructor(req: IncomingMessage, res: ServerResponse, parameter: string, query: string) {
    this.#req = req;
    this.#res = res;
    this.parameter = parameter;
    this.query = query;
  }

  header(name: HeaderName): string {
    return this.#req.headers[name] ?? '';
  }

  /** Reads the body and then calls the route's handler. */
  receive(route: Route): void {
    this.#req.on('data', (chunk: Buffer) => {
      if (this.#res.headersSent) return;
      this.body += chunk.toString('latin1');
      if (this.body.length > route.bodyBytesMax) this.refuse(bodyTooLarge(route));
    });
    this.#req.on('end', () => {
      if (!this.#res.headersSent) route.handle(this);
    });
  }

  reply(status: number, type: string, body: string): void {
    this.#send(status, type, body);
  }

  refuse(problem: Problem, headers: Readonly<Record<string, string>> = {}): void {
    for (const name of Object.keys(headers)) this.#res.setHeader(name, headers[name] as string);
    if (problem.status === 503) this.#res.setHeader('Retry-After', RETRY_AFTER_S);
    // A body that was cut short leaves bytes on the connection that are no request.
    if (problem.status === 413) this.#res.shouldKeepAlive = false;
    this.#send(problem.status, PROBLEM_TYPE, JSON.stringify(problem));
  }

  #send(status: number, type: string, body: string): void {
    this.#res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    this.#res.end(body);
  }
}
