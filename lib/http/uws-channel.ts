import { HEARTBEAT } from './event-stream.js';
import type { Channel, StreamBuffer } from './stream-buffer.js';
import type { NativeResponse } from './uws-native.js';

/** The body of a response that is never done. */
export class UwsChannel implements Channel {
  readonly #res: NativeResponse;
  #next: Uint8Array | string = '';
  #isTaken = true;
  /** One function for all writes. */
  readonly #write = () => {
    this.#isTaken = this.#res.write(this.#next);
  };

  constructor(res: NativeResponse) {
    this.#res = res;
  }

  /** Starts to tell the stream when the client has caught up. */
  open(stream: StreamBuffer): void {
    this.#res.onWritable(() => {
      // Nothing but a write makes the library send on what it has.
      if (this.send(HEARTBEAT)) stream.taken();
      return true;
    });
  }

  /**
   * The answer is that of the write before: the library does not tell whether this one went through.
   * So what the library holds is one chunk more than is known, and a client that stands still is
   * found out by the next write, or cut off by the library.
   */
  send(bytes: Uint8Array | string): boolean {
    this.#next = bytes;
    this.#res.cork(this.#write);
    this.#next = '';
    return this.#isTaken;
  }

  /** The connection ends when it has been idle, or by the client, who was told that this is the last reply. */
  end(): void {
    this.#res.cork(() => this.#res.end());
  }
}
