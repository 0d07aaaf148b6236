import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely, TLSSocket } from 'node:tls';
import { CERTIFICATES } from './certificates.js';

/** A reply as it came over the connection. */
export interface Reply {
  readonly version: string;
  readonly status: number;
  /** By lower-case name. A header that was sent twice has its values joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Request {
  readonly method?: string;
  /** Sent as it is, one character a byte. */
  readonly target?: string;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, one character a byte. With a body goes its Content-Length. */
  readonly body?: string;
}

/** A request as bytes, one character each. */
export function encode({ method = 'GET', target = '/', version = '1.1', headers = {}, body }: Request): string {
  const lines = [`${method} ${target} HTTP/${version}`, 'Host: localhost'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** An increment with a form as its body. */
export function post(form: string, headers: Readonly<Record<string, string>> = {}): string {
  return encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': FORM, ...headers }, body: form });
}

export const FORM = 'application/x-www-form-urlencoded';

/** The UTF-8 bytes of a text, one character each. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The server has closed the connection, and there is no whole reply left on it. */
export class Closed extends Error {}

/** One connection to a server, byte by byte; replies are read strictly (RFC 9112). */
export class Wire {
  readonly #socket: Socket;
  /** What the bytes go over: the same, or what is below TLS. */
  readonly #below: Socket;
  #unread = Buffer.alloc(0);
  #ended = false;
  /** A chunk's end, which may come only with the next chunk, is still to be read. */
  #owesLineEnd = false;
  #wake: () => void = () => undefined;
  /** Resolves when the connection is closed, whoever closed it and how. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, below = socket) {
    this.#socket = socket;
    this.#below = below;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (bytes) => {
      this.#unread = Buffer.concat([this.#unread, bytes]);
      this.#wake();
    });
    // A reset is one way of closing; what matters is said by `closed`.
    socket.on('error', () => undefined);
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const wire = new Wire(socket);
    await once(socket, 'connect');
    return wire;
  }

  /** One over TLS, to a server that has one of the certificates for tests. */
  static async openSecure(port: number): Promise<Wire> {
    const below = connect({ host: '127.0.0.1', port, noDelay: true });
    const socket = connectSecurely({ host: '127.0.0.1', socket: below, ca: CERTIFICATES });
    const wire = new Wire(socket, below);
    await once(socket, 'secureConnect');
    return wire;
  }

  /** The name in the certificate that the server has shown. */
  get serverName(): unknown {
    if (!(this.#socket instanceof TLSSocket)) throw new Error('there is no TLS on this connection');
    return this.#socket.getPeerCertificate().subject.CN;
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  send(bytes: string): void {
    this.#socket.write(bytes, 'latin1');
  }

  /** Sends, and resolves when the system has taken the bytes. */
  flush(bytes: string): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, 'latin1', () => resolve()));
  }

  /** Says that nothing more will be sent, and goes on reading. */
  finish(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes with a reset: the other side gets an error, not an end. */
  reset(): void {
    this.#below.resetAndDestroy();
  }

  /** Sends one request and reads its reply. */
  exchange(bytes: string, method = bytes.slice(0, bytes.indexOf(' '))): Promise<Reply> {
    this.send(bytes);
    return this.reply(method);
  }

  /**
   * The next reply, the interim ones (1xx) as well.
   *
   * @param method of the request that it answers: a reply to HEAD has no body.
   * @throws Closed when the connection ends before it.
   */
  async reply(method = 'GET'): Promise<Reply> {
    const head = await this.head();
    const hasBody = method !== 'HEAD' && head.status >= 200;
    return { ...head, body: hasBody ? await this.body(head.headers) : '' };
  }

  /** The next reply up to its body. */
  async head(): Promise<Reply> {
    const head = (await this.#until('\r\n\r\n')).split('\r\n');
    const [, version, status] = /^HTTP\/(\d\.\d) (\d{3}) [ -~]+$/.exec(head[0] ?? '') ?? [];
    if (version === undefined) throw new Error(`no status line: ${head[0]}`);
    const headers = new Map<string, string>();
    for (const line of head.slice(1)) {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no header line: ${line}`);
      const before = headers.get(name.toLowerCase());
      headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
    }
    return { version, status: Number(status), headers, body: '' };
  }

  /** The next chunk of a chunked body (RFC 9112, section 7.1); `undefined` after the last one. */
  async chunk(): Promise<string | undefined> {
    if (this.#owesLineEnd && (await this.#exactly(2)) !== '\r\n') throw new Error('a chunk is longer than it says');
    const size = await this.#until('\r\n');
    if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`no chunk size: ${size}`);
    this.#owesLineEnd = size !== '0';
    if (this.#owesLineEnd) return this.#exactly(Number.parseInt(size, 16));
    if ((await this.#until('\r\n')) !== '') throw new Error('a trailer');
    return undefined;
  }

  /** Stops to read; the system's buffers fill up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Everything that comes until the server ends the connection. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#take(this.#unread.length);
  }

  /** What follows a head. */
  body(headers: ReadonlyMap<string, string>): Promise<string> {
    if (headers.has('transfer-encoding')) throw new Error('a reply of unknown length: every reply here is short');
    const length = headers.get('content-length');
    if (length === undefined) return this.rest();
    if (!/^\d+$/.test(length)) throw new Error(`no length: ${length}`);
    return this.#exactly(Number(length));
  }

  async #until(mark: string): Promise<string> {
    for (;;) {
      const at = this.#unread.indexOf(mark);
      if (at !== -1) return this.#take(at + mark.length).slice(0, at);
      await this.#moreOrThrow();
    }
  }

  async #exactly(length: number): Promise<string> {
    while (this.#unread.length < length) await this.#moreOrThrow();
    return Buffer.from(this.#take(length), 'latin1').toString();
  }

  #take(length: number): string {
    const taken = this.#unread.toString('latin1', 0, length);
    this.#unread = this.#unread.subarray(length);
    return taken;
  }

  async #moreOrThrow(): Promise<void> {
    if (this.#ended) throw new Closed(`closed after ${JSON.stringify(this.#unread.toString('latin1'))}`);
    await this.#more();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
