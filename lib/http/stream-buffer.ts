import { BUFFERED_BYTES_MAX, type EventStream } from './event-stream.js';

/** How a stream's bytes get to its client. Each transport has its own. */
export interface Channel {
  /**
   * Sends bytes, which must not change. Returns whether the system has taken all that was sent so
   * far; where not, `StreamBuffer.taken` has to be called when it has.
   */
  send(bytes: Uint8Array): boolean;
  /** Ends the body after what was sent. */
  end(): void;
}

/**
 * An event stream over a channel.
 *
 *     write -> queue (while something is on its way) -> channel -> the system's own buffers
 *
 * There is never more on its way than one `send`; what is written meanwhile goes out together.
 */
export class StreamBuffer implements EventStream {
  readonly #channel: Channel;
  readonly #open: Set<StreamBuffer>;
  /** What the channel was given and the system has not taken; 0 when it has all. */
  #sentBytes = 0;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isBehind = false;
  #isOver = false;
  #onWritable: () => void = () => undefined;
  #onClose: () => void = () => undefined;

  /** @param open the streams that are not over: this one is among them while it is one. */
  constructor(channel: Channel, open: Set<StreamBuffer>) {
    this.#channel = channel;
    this.#open = open;
    open.add(this);
  }

  write(chunk: string | Uint8Array): boolean {
    if (this.#isOver) return false;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (bytes.length === 0) return !this.#isBehind;
    if (this.#sentBytes > 0) {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.length;
    } else {
      this.#send(bytes);
    }
    if (this.bufferedBytes > BUFFERED_BYTES_MAX) this.#isBehind = true;
    return !this.#isBehind;
  }

  get bufferedBytes(): number {
    return this.#sentBytes + this.#queuedBytes;
  }

  onWritable(callback: () => void): void {
    this.#onWritable = callback;
  }

  onClose(callback: () => void): void {
    if (this.#isOver) callback();
    else this.#onClose = callback;
  }

  end(): void {
    if (this.#isOver) return;
    if (this.#queuedBytes > 0) this.#sendQueue();
    this.#channel.end();
    this.close();
  }

  /** For the transport: the system has taken all that was sent. */
  taken(): void {
    if (this.#isOver) return;
    this.#sentBytes = 0;
    if (this.#queuedBytes > 0) this.#sendQueue();
    if (this.#sentBytes > 0 || !this.#isBehind) return;
    this.#isBehind = false;
    this.#onWritable();
  }

  /** For the transport: the client has gone, or will get no more. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#open.delete(this);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#sentBytes = 0;
    this.#onClose();
  }

  #sendQueue(): void {
    const [first] = this.#queue;
    const bytes = this.#queue.length === 1 && first !== undefined ? first : Buffer.concat(this.#queue, this.#queuedBytes);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    if (!this.#channel.send(bytes)) this.#sentBytes += bytes.length;
  }
}
