import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { type Caller, NOBODY } from './caller.js';
import type { Cors } from './cors.js';
import { EVENT_STREAM_HEADERS, EVENT_STREAM_TYPE, type EventStream, HEARTBEAT, LAST_REPLY } from './event-stream.js';
import { type BodySink, type Exchange, type HeaderName, type Headers, JSON_TYPE, NO_BODY, PROBLEM_TYPE } from './exchange.js';
import type { Problem } from './problem.js';
import { givenId, replyHeaders } from './reply-headers.js';
import { countRequest, GONE } from './request-counts.js';
import { StreamBuffer } from './stream-buffer.js';
import { StreamedBody } from './streamed-body.js';
import { bodyTooLarge, faultOf, isTooLarge, type OnFault, refusalHeaders } from './transport.js';
import { UwsChannel } from './uws-channel.js';
import { type NativeRequest, type NativeResponse, toNative } from './uws-native.js';
import { allLines, asSent, FORWARDED, HEADER_NAMES, parametersOf, type Reads } from './uws-reads.js';

/** What the transport and its exchanges share. */
export interface Traffic {
  pending: number;
  stopping: boolean;
  readonly cors: Cors | undefined;
  readonly onFault: OnFault | undefined;
  readonly streams: Set<StreamBuffer>;
}

export class UwsExchange implements Exchange {
  readonly #traffic: Traffic;
  readonly #res: NativeResponse;
  readonly #route: Reads;
  readonly #isHead: boolean;
  readonly #headers: string[];
  readonly #parameters: readonly string[];
  readonly #cors: Headers | undefined;
  /** '' until the caller or somebody here has given one. */
  #requestId: string;
  readonly query: string;
  caller: Caller = NOBODY;
  body = NO_BODY;
  /** The pieces of a body that comes in more than one. */
  #pieces: Buffer[] | undefined;
  #pieceBytes = 0;
  #streamedBody: StreamedBody | undefined;
  #stream: StreamBuffer | undefined;
  #onAbort: (() => void) | undefined;
  #isAborted = false;
  /** Replied, or aborted: the native response must not be touched any more. */
  #ended = false;
  /** The native callback has returned: a reply has to be corked by itself. */
  #isLate = false;

  constructor(traffic: Traffic, res: NativeResponse, req: NativeRequest, route: Reads, isHead: boolean) {
    this.#traffic = traffic;
    this.#res = res;
    this.#route = route;
    this.#isHead = isHead;
    // The native request is gone when its callback returns, so all that is read of it is read now.
    const names = route.headerNames;
    this.#headers = new Array<string>(names.length);
    for (let i = 0; i < names.length; i++) this.#headers[i] = req.getHeader(names[i] as ArrayBuffer);
    if (route.forwardedAt !== -1) this.#headers[route.forwardedAt] = allLines(req, FORWARDED);
    this.#parameters = route.parameterNames.length === 0 ? NO_PARAMETERS : parametersOf(req, route.parameterNames.length);
    this.query = asSent(req.getQuery());
    this.#requestId = givenId(req.getHeader(X_REQUEST_ID));
    this.#cors = traffic.cors?.headersFor(req.getHeader(HEADER_NAMES.origin));
    traffic.pending++;
  }

  get address(): string {
    return this.#ended ? '' : Buffer.from(this.#res.getRemoteAddressAsText()).toString('latin1');
  }

  get requestId(): string {
    if (this.#requestId === '') this.#requestId = randomUUID();
    return this.#requestId;
  }

  parameter(name: string): string {
    return this.#parameters[this.#route.parameterNames.indexOf(name)] ?? '';
  }

  header(name: HeaderName): string {
    return this.#headers[this.#route.headers.indexOf(name)] ?? '';
  }

  handle(): void {
    try {
      this.#route.handle(this);
    } catch (error) {
      this.refuse(faultOf(error, this, this.#traffic.onFault));
    }
    this.#isLate = true;
  }

  /** Takes a piece of the body; with the last one the handler is called. */
  gather(chunk: ArrayBuffer, isLast: boolean): void {
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

  /** Calls the handler before the body is there. */
  handleStreamed(req: NativeRequest): void {
    if (isTooLarge(req.getHeader(CONTENT_LENGTH), this.#route)) return this.refuse(bodyTooLarge(this.#route));
    this.#streamedBody = new StreamedBody(this.#route.bodyBytesMax, ({ status, type, body, headers }, closes) => {
      if (!this.#ended) this.#write(status, type, body, headers, closes);
    });
    this.handle();
  }

  /** Takes a piece of a body whose handler was called. */
  pass(chunk: ArrayBuffer, isLast: boolean): void {
    const body = this.#streamedBody;
    if (body === undefined) return;
    try {
      if (!body.take(new Uint8Array(chunk))) this.refuse(bodyTooLarge(this.#route));
      else if (isLast) body.end();
    } catch (error) {
      this.refuse(faultOf(error, this, this.#traffic.onFault));
      if (isLast) body.end();
    }
  }

  receive(sink: BodySink): void {
    this.#streamedBody?.receive(sink);
  }

  abort(): void {
    if (this.#stream !== undefined) return this.#stream.close();
    if (this.#ended) return;
    this.#end(GONE, '');
    this.#isAborted = true;
    this.#streamedBody?.abort();
    this.#onAbort?.();
  }

  onAbort(callback: () => void): void {
    if (this.#isAborted) callback();
    else this.#onAbort = callback;
  }

  reply(status: number, type: string, body: string | Uint8Array, headers: Headers = NO_HEADERS): void {
    if (this.#ended) return;
    if (this.#streamedBody?.isOpen) this.#streamedBody.hold({ status, type, body, headers });
    else this.#write(status, type, body, headers, false);
  }

  refuse(problem: Problem, headers: Headers = NO_HEADERS): void {
    if (!this.#ended) this.reply(problem.status, PROBLEM_TYPE, problem.body(this.requestId), refusalHeaders(problem, headers));
  }

  replyEmpty(status: 204 | 304, headers: Headers): void {
    if (this.#ended) return;
    this.#end(status, '');
    this.#writeHead(EMPTY[status], headers);
    // No length to report, not even 0: see #send.
    this.#res.endWithoutBody();
  }

  stream(headers: Headers = NO_HEADERS): EventStream {
    const channel = new UwsChannel(this.#res);
    const stream = new StreamBuffer(channel, this.#traffic.streams);
    if (this.#ended) {
      stream.close();
      return stream;
    }
    this.#end(200, '');
    this.#stream = stream;
    this.#res.cork(() => {
      const all = { ...EVENT_STREAM_HEADERS, ...headers };
      this.#writeHead(head(200, EVENT_STREAM_TYPE), this.#isHead ? all : { ...all, ...LAST_REPLY });
      // The library sends no headers before there is a body.
      if (this.#isHead) this.#res.endWithoutBody();
      else this.#res.write(HEARTBEAT);
    });
    if (this.#isHead) stream.close();
    else if (this.#traffic.stopping) stream.end();
    else channel.open(stream);
    return stream;
  }

  #write(status: number, type: string, body: string | Uint8Array, headers: Headers, closes: boolean): void {
    this.#end(status, body);
    if (this.#isLate) this.#res.cork(() => this.#send(status, type, body, headers, closes));
    else this.#send(status, type, body, headers, closes);
  }

  #send(status: number, type: string, body: string | Uint8Array, headers: Headers, mustClose: boolean): void {
    const res = this.#res;
    this.#writeHead(head(status, type), headers);
    // A body that was cut short leaves bytes on the connection that are no request.
    const closes = mustClose || this.#traffic.stopping || status === 413;
    if (!this.#isHead) {
      res.end(body, closes);
      return;
    }
    // With a length to report, endWithoutBody leaves the response unfinished: the next request
    // ends the connection, or the process.
    res.writeHeader('Content-Length', String(Buffer.byteLength(body)));
    res.endWithoutBody();
  }

  #writeHead(status: ArrayBuffer, headers: Headers): void {
    this.#res.writeStatus(status);
    const all = replyHeaders(headers, this.#requestId, this.#cors);
    if (all === NO_HEADERS) return;
    for (const name of Object.keys(all)) this.#res.writeHeader(name, all[name] as string);
  }

  #end(status: number, body: string | Uint8Array): void {
    this.onEnd(status, body);
    this.#ended = true;
    this.#traffic.pending--;
  }

  /** Called once: a reply goes out, or (GONE) the client has gone before. */
  protected onEnd(status: number, _body: string | Uint8Array): void {
    countRequest(this.#route.counts, status);
  }
}

const NO_HEADERS: Headers = {};
const NO_PARAMETERS: readonly string[] = [];

const X_REQUEST_ID = toNative('x-request-id');
const CONTENT_LENGTH = toNative('content-length');

/** The status line's end and the content type together: one call into native code less. */
function head(status: number, type: string): ArrayBuffer {
  if (status === 200 && type === JSON_TYPE) return OK_JSON;
  const known = heads.get(status + type);
  if (known !== undefined) return known;
  const bytes = toNative(`${status} ${STATUS_CODES[status]}\r\nContent-Type: ${type}`);
  heads.set(status + type, bytes);
  return bytes;
}

const heads = new Map<string, ArrayBuffer>();
const EMPTY = { 204: toNative(`204 ${STATUS_CODES[204]}`), 304: toNative(`304 ${STATUS_CODES[304]}`) };
const OK_JSON = toNative(`200 OK\r\nContent-Type: ${JSON_TYPE}`);
