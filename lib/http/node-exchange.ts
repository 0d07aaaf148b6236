import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, NOBODY } from './caller.js';
import type { Cors } from './cors.js';
import { EVENT_STREAM_HEADERS, EVENT_STREAM_TYPE, type EventStream, HEARTBEAT, LAST_REPLY } from './event-stream.js';
import { type BodySink, type Exchange, type HeaderName, type Headers, NO_BODY, PROBLEM_TYPE } from './exchange.js';
import type { NodeConnection, Turn } from './node-connection.js';
import type { Problem } from './problem.js';
import { givenId, replyHeaders } from './reply-headers.js';
import { countRequest, GONE, type RouteCounts } from './request-counts.js';
import type { Route } from './route.js';
import { parameterNames } from './router.js';
import { StreamBuffer } from './stream-buffer.js';
import { StreamedBody } from './streamed-body.js';
import { bodyTooLarge, faultOf, isTooLarge, type OnFault, refusalHeaders, replyUnrouted, type Unrouted } from './transport.js';

/** What the transport and its exchanges share. */
export interface Traffic {
  stopping: boolean;
  readonly cors: Cors | undefined;
  readonly onFault: OnFault | undefined;
  readonly streams: Set<StreamBuffer>;
}

/** Where a request goes, by its first line. */
export interface Target extends Unrouted {
  readonly query: string;
  readonly counts: RouteCounts;
}

export class NodeExchange implements Exchange, Turn {
  readonly #traffic: Traffic;
  readonly #connection: NodeConnection;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #target: Target;
  readonly #route: Route | undefined;
  caller: Caller = NOBODY;
  readonly #cors: Headers | undefined;
  /** '' until the caller or somebody here has given one. */
  #requestId: string;
  body = NO_BODY;
  #isReady = false;
  #isTooLarge = false;
  #isHandled = false;
  /** Replied, or the client has gone. */
  #isEnded = false;
  #isStreaming = false;
  #streamedBody: StreamedBody | undefined;

  constructor(traffic: Traffic, connection: NodeConnection, req: IncomingMessage, res: ServerResponse, target: Target) {
    this.#traffic = traffic;
    this.#connection = connection;
    this.#req = req;
    this.#res = res;
    this.#target = target;
    this.#route = target.match?.route;
    this.#requestId = givenId(first(req, 'x-request-id'));
    this.#cors = traffic.cors?.headersFor(first(req, 'origin'));
  }

  get query(): string {
    return this.#target.query;
  }

  get address(): string {
    return this.#req.socket.remoteAddress ?? '';
  }

  get requestId(): string {
    if (this.#requestId === '') this.#requestId = randomUUID();
    return this.#requestId;
  }

  /** O(length of the path). */
  parameter(name: string): string {
    const index = this.#route === undefined ? -1 : parameterNames(this.#route.path).indexOf(name);
    return this.#target.match?.parameters[index] ?? '';
  }

  header(name: HeaderName): string {
    const value = this.#req.headers[name];
    return typeof value === 'string' ? value : (value?.join(', ') ?? '');
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts to read what the handler wants to have whole, and comes to its turn when that is there. */
  begin(): void {
    this.#res.once('close', () => this.#close());
    const route = this.#route;
    if (route?.body === 'streamed') return this.#comeToTurn();
    if (route !== undefined && route.bodyBytesMax > 0) this.#gather(route);
    // Only at its end, as where a body is read: else it would overtake a pipelined request before it.
    else this.#req.on('end', () => this.#comeToTurn());
    // A body that nobody reads would keep the next request of the connection waiting.
    this.#req.resume();
  }

  #gather({ bodyBytesMax }: Route): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    this.#req.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= bodyBytesMax) pieces.push(piece);
      else if (!this.#isTooLarge) {
        this.#isTooLarge = true;
        this.#comeToTurn();
      }
    });
    this.#req.on('end', () => {
      if (this.#isTooLarge) return;
      this.body = Buffer.concat(pieces);
      this.#comeToTurn();
    });
  }

  #close(): void {
    this.#end(GONE, '');
    if (this.#isHandled && !this.#isStreaming) this.#connection.done();
  }

  #comeToTurn(): void {
    this.#isReady = true;
    this.#connection.advance();
  }

  handle(): void {
    this.#isHandled = true;
    const route = this.#route;
    if (route === undefined) replyUnrouted(this, this.#target, this.#traffic.cors);
    else if (this.#isTooLarge) this.refuse(bodyTooLarge(route));
    else if (route.body === 'streamed') this.#handleStreamed(route);
    else this.#contained(() => route.handle(this));
  }

  /** Does what a handler has to do; where that throws, replies with a problem in its place. */
  #contained(work: () => void): void {
    try {
      work();
    } catch (error) {
      const fault = faultOf(error, this, this.#traffic.onFault);
      if (!this.#isEnded) this.refuse(fault);
    }
  }

  #handleStreamed(route: Route): void {
    if (isTooLarge(this.#req.headers['content-length'] ?? '', route)) return this.refuse(bodyTooLarge(route));
    const body = new StreamedBody(route.bodyBytesMax, ({ status, type, body, headers }, closes) =>
      this.#send(status, type, body, headers, closes),
    );
    this.#streamedBody = body;
    this.#contained(() => route.handle(this));
    this.#req.on('data', (piece: Buffer) => {
      this.#contained(() => {
        if (!body.take(piece)) this.refuse(bodyTooLarge(route));
      });
    });
    this.#req.on('end', () => this.#contained(() => body.end()));
    this.#req.on('close', () => body.abort());
  }

  receive(sink: BodySink): void {
    this.#streamedBody?.receive(sink);
  }

  reply(status: number, type: string, body: string | Uint8Array, headers: Headers = {}): void {
    if (this.#streamedBody?.isOpen) this.#streamedBody.hold({ status, type, body, headers });
    else this.#send(status, type, body, headers, false);
  }

  refuse(problem: Problem, headers: Headers = {}): void {
    this.reply(problem.status, PROBLEM_TYPE, problem.body(this.requestId), refusalHeaders(problem, headers));
  }

  replyEmpty(status: 204 | 304, headers: Headers): void {
    this.#end(status, '');
    if (this.#traffic.stopping) this.#res.shouldKeepAlive = false;
    this.#setHeaders(headers);
    this.#res.writeHead(status).end();
  }

  #send(status: number, type: string, body: string | Uint8Array, headers: Headers, mustClose: boolean): void {
    // The handler has failed after it had asked to be called back.
    if (this.#res.headersSent) return;
    this.#end(status, body);
    // A body that was cut short leaves bytes on the connection that are no request.
    if (mustClose || this.#traffic.stopping || status === 413) this.#res.shouldKeepAlive = false;
    this.#setHeaders(headers);
    this.#res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    // Node may still be writing when the caller uses its bytes again.
    this.#res.end(typeof body === 'string' ? body : Buffer.from(body));
  }

  onAbort(callback: () => void): void {
    const { socket } = this.#req;
    if (socket.destroyed) return callback();
    // Not the response's event: there is none while a pipelined request before it is being answered.
    const onClose = () => {
      if (!this.#res.writableEnded) callback();
    };
    socket.once('close', onClose);
    this.#res.once('finish', () => socket.off('close', onClose));
  }

  stream(headers: Headers = {}): EventStream {
    this.#end(200, '');
    const res = this.#res;
    const stream: StreamBuffer = new StreamBuffer(
      {
        // What is written while Node still writes goes out together after it.
        send(bytes) {
          res.write(bytes, (error) => {
            if (!error) stream.taken();
          });
          return false;
        },
        end: () => res.end(),
      },
      this.#traffic.streams,
    );
    this.#setHeaders({ ...EVENT_STREAM_HEADERS, ...headers });
    if (this.#target.method === 'HEAD') {
      res.writeHead(200, { 'Content-Type': EVENT_STREAM_TYPE }).end();
      stream.close();
      return stream;
    }
    res.writeHead(200, { 'Content-Type': EVENT_STREAM_TYPE, ...LAST_REPLY });
    this.#isStreaming = true;
    this.#connection.stream();
    // Not the response's event: there is none while a pipelined request before it is being answered.
    this.#req.socket.once('close', () => stream.close());
    stream.write(HEARTBEAT);
    if (this.#req.socket.destroyed) stream.close();
    else if (this.#traffic.stopping) stream.end();
    return stream;
  }

  #end(status: number, body: string | Uint8Array): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.onEnd(status, body);
  }

  /** Called once: a reply goes out, or (GONE) the client has gone before. */
  protected onEnd(status: number, _body: string | Uint8Array): void {
    countRequest(this.#target.counts, status);
  }

  #setHeaders(headers: Headers): void {
    const all = replyHeaders(headers, this.#requestId, this.#cors);
    for (const name of Object.keys(all)) this.#res.setHeader(name, all[name] as string);
  }
}

/** A header's value, the first where it was sent more than once; '' when it was not sent. Node would join them. */
function first(req: IncomingMessage, name: string): string {
  return req.headers[name] === undefined ? '' : (req.headersDistinct[name]?.[0] ?? '');
}
