import type { BodySink, Headers } from './exchange.js';

/** A reply as a handler gave it. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers: Headers;
}

/**
 * Sends a reply.
 *
 * @param closes whether the connection has to end after it.
 */
export type Send = (reply: Reply, closes: boolean) => void;

/** So much of a body that nobody wants any more is read, and for so long, before the connection is given up. */
const UNWANTED_BYTES_MAX = 64 * 1024;
const UNWANTED_MS_MAX = 1_000;

/**
 * A request's body on its way from a transport to a sink.
 *
 *     receiving --end--> done          the sink has it all
 *     receiving --reply--> unwanted --end--> done          the reply goes out, the connection lives on
 *                                   --too much or too long--> done          it goes out, and the connection ends
 *     any --abort--> done
 *
 * Why a reply waits for the body's end: what is left of the body has to be read for the next request
 * to be found. A client may read no reply before it has sent everything; if the connection were closed
 * at once, the reset that answers the rest could take the reply away from it (RFC 9112, section 9.6).
 * And uWebSockets.js keeps no time on a connection whose body ends after its reply.
 */
export class StreamedBody {
  readonly #bytesMax: number;
  readonly #send: Send;
  #sink: BodySink | undefined;
  /** Set while the rest of the body is unwanted. */
  #reply: Reply | undefined;
  #patience: NodeJS.Timeout | undefined;
  #bytes = 0;
  #isOpen = true;

  constructor(bytesMax: number, send: Send) {
    this.#bytesMax = bytesMax;
    this.#send = send;
  }

  /** Whether it has not come to its end: a reply has to wait. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Has the body given to a sink. */
  receive(sink: BodySink): void {
    this.#sink = sink;
  }

  /** Takes a reply that came before the end, and sends it when its time has come. Of two only the first counts. */
  hold(reply: Reply): void {
    if (this.#reply !== undefined) return;
    this.#sink = undefined;
    this.#bytes = 0;
    // The caller may use its bytes again.
    this.#reply = typeof reply.body === 'string' ? reply : { ...reply, body: reply.body.slice() };
    this.#patience = setTimeout(() => this.#release(true), UNWANTED_MS_MAX);
  }

  /** Takes the next bytes. Returns whether they fit; if not, there is a refusal to be sent, and nothing more to be taken. */
  take(bytes: Uint8Array): boolean {
    if (!this.#isOpen || bytes.length === 0) return true;
    this.#bytes += bytes.length;
    if (this.#reply !== undefined) {
      if (this.#bytes > UNWANTED_BYTES_MAX) this.#release(true);
      return true;
    }
    if (this.#bytes > this.#bytesMax) {
      this.abort();
      return false;
    }
    this.#sink?.piece(bytes);
    return true;
  }

  /** The body is whole. */
  end(): void {
    if (!this.#isOpen) return;
    if (this.#reply !== undefined) return this.#release(false);
    const sink = this.#close();
    sink?.end();
  }

  /** No more of the body comes. */
  abort(): void {
    if (this.#isOpen) this.#close()?.abort();
  }

  #release(closes: boolean): void {
    const reply = this.#reply;
    this.#close();
    if (reply !== undefined) this.#send(reply, closes);
  }

  #close(): BodySink | undefined {
    const sink = this.#sink;
    clearTimeout(this.#patience);
    this.#sink = undefined;
    this.#reply = undefined;
    this.#isOpen = false;
    return sink;
  }
}
