import { STATUS_CODES } from 'node:http';
import { EVENT_STREAM_HEADERS, EVENT_STREAM_TYPE, type EventStream, HEARTBEAT, LAST_REPLY } from './event-stream.js';
import { type BodySink, type Exchange, type HeaderName, type Headers, JSON_TYPE, NO_BODY, PROBLEM_TYPE } from './exchange.js';
import type { Problem } from './problem.js';
import type { Route } from './route.js';
import { parameterNames } from './router.js';
import { StreamBuffer } from './stream-buffer.js';
import { StreamedBody } from './streamed-body.js';
import { bodyTooLarge, isTooLarge, refusalHeaders } from './transport.js';
import { UwsChannel } from './uws-channel.js';
import { type NativeRequest, type NativeResponse, toNative } from './uws-native.js';

/** What the transport and its exchanges share. */
export interface Traffic {
  pending: number;
  stopping: boolean;
  readonly streams: Set<StreamBuffer>;
}

/** What an exchange has to know of its route. */
export interface Reads extends Pick<Route, 'path' | 'headers' | 'bodyBytesMax' | 'handle'> {
  /** The headers' names as the native code takes them. */
  readonly headerNames: readonly ArrayBuffer[];
  readonly parameterNames: readonly string[];
}

export function readsOf(route: Route): Reads {
  return {
    ...route,
    headerNames: route.headers.map((name) => HEADER_NAMES[name]),
    parameterNames: parameterNames(route.path),
  };
}

export class UwsExchange implements Exchange {
  readonly #traffic: Traffic;
  readonly #res: NativeResponse;
  readonly #route: Reads;
  readonly #isHead: boolean;
  readonly #headers: string[];
  readonly #parameters: readonly string[];
  readonly query: string;
  body = NO_BODY;
  /** The pieces of a body that comes in more than one. */
  #pieces: Buffer[] | undefined;
  #pieceBytes = 0;
  #streamedBody: StreamedBody | undefined;
  #stream: StreamBuffer | undefined;
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
    this.#parameters = route.parameterNames.length === 0 ? NO_PARAMETERS : parametersOf(req, route.parameterNames.length);
    this.query = asSent(req.getQuery());
    traffic.pending++;
  }

  parameter(name: string): string {
    return this.#parameters[this.#route.parameterNames.indexOf(name)] ?? '';
  }

  header(name: HeaderName): string {
    return this.#headers[this.#route.headers.indexOf(name)] ?? '';
  }

  handle(): void {
    this.#route.handle(this);
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
    if (!body.take(new Uint8Array(chunk))) this.refuse(bodyTooLarge(this.#route));
    else if (isLast) body.end();
  }

  receive(sink: BodySink): void {
    this.#streamedBody?.receive(sink);
  }

  abort(): void {
    if (this.#stream !== undefined) return this.#stream.close();
    if (this.#ended) return;
    this.#end();
    this.#streamedBody?.abort();
  }

  reply(status: number, type: string, body: string | Uint8Array, headers: Headers = NO_HEADERS): void {
    if (this.#ended) return;
    if (this.#streamedBody?.isOpen) this.#streamedBody.hold({ status, type, body, headers });
    else this.#write(status, type, body, headers, false);
  }

  refuse(problem: Problem, headers: Headers = NO_HEADERS): void {
    if (!this.#ended) this.reply(problem.status, PROBLEM_TYPE, JSON.stringify(problem), refusalHeaders(problem, headers));
  }

  stream(headers: Headers = NO_HEADERS): EventStream {
    const channel = new UwsChannel(this.#res);
    const stream = new StreamBuffer(channel, this.#traffic.streams);
    if (this.#ended) {
      stream.close();
      return stream;
    }
    this.#end();
    this.#stream = stream;
    this.#res.cork(() => {
      const all = { ...EVENT_STREAM_HEADERS, ...headers };
      this.#writeHead(200, EVENT_STREAM_TYPE, this.#isHead ? all : { ...all, ...LAST_REPLY });
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
    this.#end();
    if (this.#isLate) this.#res.cork(() => this.#send(status, type, body, headers, closes));
    else this.#send(status, type, body, headers, closes);
  }

  #send(status: number, type: string, body: string | Uint8Array, headers: Headers, mustClose: boolean): void {
    const res = this.#res;
    this.#writeHead(status, type, headers);
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

  #writeHead(status: number, type: string, headers: Headers): void {
    this.#res.writeStatus(head(status, type));
    if (headers === NO_HEADERS) return;
    for (const name of Object.keys(headers)) this.#res.writeHeader(name, headers[name] as string);
  }

  #end(): void {
    this.#ended = true;
    this.#traffic.pending--;
  }
}

const NO_HEADERS: Headers = {};
const NO_PARAMETERS: readonly string[] = [];

function parametersOf(req: NativeRequest, count: number): string[] {
  const parameters: string[] = [];
  for (let i = 0; i < count; i++) parameters.push(asSent(req.getParameter(i)));
  return parameters;
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

const HEADER_NAMES: Readonly<Record<HeaderName, ArrayBuffer>> = {
  accept: toNative('accept'),
  'content-type': toNative('content-type'),
  'idempotency-key': toNative('idempotency-key'),
  'last-event-id': toNative('last-event-id'),
  prefer: toNative('prefer'),
};

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
const OK_JSON = toNative(`200 OK\r\nContent-Type: ${JSON_TYPE}`);
