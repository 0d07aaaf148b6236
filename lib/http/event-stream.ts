/**
 * A reply of server-sent events (WHATWG HTML, section 9.2) that is still going on.
 *
 * What the client does not take in time is kept for it, up to a bound that the writer has to respect:
 * see `write`. A client that takes nothing for IDLE_TIMEOUT_S, though there is something for it, is cut off.
 */
export interface EventStream {
  /**
   * Sends whole events, or comments: a client must be able to get a comment before and after what is
   * written here. Bytes are not copied; they must not change any more. Texts go out as UTF-8.
   *
   * Returns whether the client keeps up. Where not, this chunk is still sent, and nothing more should
   * be written until `onWritable` is called. When the stream is over, it does nothing and returns
   * false. Cheapest outside of the handlers of other requests: over uWebSockets.js a packet goes
   * out in four where another request's handler is running.
   */
  write(chunk: string | Uint8Array): boolean;
  /** What was written and not yet taken by the system, in bytes. */
  readonly bufferedBytes: number;
  /** Sets who is called when the client has caught up after a `write` that returned false; each time. */
  onWritable(callback: () => void): void;
  /** Sets who is called once, when the stream is over, whoever ended it; at once if it is. */
  onClose(callback: () => void): void;
  /** Ends the stream after what was written. */
  end(): void;
}

/** A client that has so much waiting for it does not keep up. */
export const BUFFERED_BYTES_MAX = 64 * 1024;

/** A comment. Clients ignore it, and proxies see that the connection is alive. */
export const HEARTBEAT = ':\n\n';

export const EVENT_STREAM_TYPE = 'text/event-stream';

/** The other headers of every event stream. The second one has nginx pass events on at once. */
export const EVENT_STREAM_HEADERS = { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' } as const;

/** A stream's connection ends with it: a request behind it would wait for who knows how long. */
export const LAST_REPLY = { Connection: 'close' } as const;

export interface ServerSentEvent {
  /** What kind it is; `message` for the client, where it is left out. One line. */
  readonly event?: string | undefined;
  /** What the client sends as Last-Event-ID when it comes back. One line, without NUL. */
  readonly id?: string | undefined;
  /** Any text. A line may end with CR LF, CR or LF: the client gets LF. */
  readonly data: string;
}

/**
 * An event as it is sent.
 *
 * @throws TypeError for an event or id that can't be sent.
 */
export function formatEvent({ event, id, data }: ServerSentEvent): string {
  if (event !== undefined && /[\r\n]/.test(event)) throw new TypeError(`event has more than one line: ${JSON.stringify(event)}`);
  // A client ignores an id with a NUL in it.
  if (id !== undefined && /[\r\n\0]/.test(id)) throw new TypeError(`id has a line end or NUL in it: ${JSON.stringify(id)}`);
  const head = `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}`;
  // The client takes one space after the colon for ours.
  return `${head}data: ${data.replaceAll(LINE_END, '\ndata: ')}\n\n`;
}

const LINE_END = /\r\n|\r|\n/g;
