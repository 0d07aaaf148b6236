import { Refusal } from './api.js';
import { Backoff } from './backoff.js';
import { EventParser } from './event-parser.js';

/** @typedef {import('./event-parser.js').ServerSentEvent} ServerSentEvent */

/**
 * Opens the stream at a path.
 *
 * @callback Open
 * @param {string} path
 * @param {string | undefined} lastEventId
 * @param {AbortSignal} signal
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */

/** The server sends something every 15 s. A connection that is silent for so long is dead, though nobody was told. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream of events, and comes back to it when it breaks, with the id of the last event.
 * The browser's own EventSource can't send a token.
 */
export class Follower {
  #open;
  #onEvent;
  #onChange;
  #backoff;
  #silenceMs;
  #path = /** @type {string | undefined} */ (undefined);
  #current = /** @type {AbortController | undefined} */ (undefined);

  /**
   * @param {object} options
   * @param {Open} options.open
   * @param {(event: ServerSentEvent) => void} options.onEvent
   * @param {(error: unknown) => void} options.onChange called with `undefined` when the stream is open, and
   *   with what went wrong when it is not
   * @param {Backoff} [options.backoff]
   * @param {number} [options.silenceMs]
   */
  constructor({ open, onEvent, onChange, backoff = new Backoff(), silenceMs = SILENCE_MS }) {
    this.#open = open;
    this.#onEvent = onEvent;
    this.#onChange = onChange;
    this.#backoff = backoff;
    this.#silenceMs = silenceMs;
  }

  /**
   * Follows what is at a path, and nothing else any more.
   *
   * @param {string} path
   */
  follow(path) {
    if (path === this.#path) return;
    this.stop();
    this.#path = path;
    this.#current = new AbortController();
    void this.#run(path, this.#current);
  }

  stop() {
    this.#path = undefined;
    this.#current?.abort();
    this.#current = undefined;
  }

  /**
   * @param {string} path
   * @param {AbortController} current
   */
  async #run(path, current) {
    /** @type {string | undefined} */
    let lastEventId;
    while (!current.signal.aborted) {
      const parser = new EventParser();
      parser.lastEventId = lastEventId;
      const error = await this.#read(path, parser, current.signal);
      if (current.signal.aborted) return;
      lastEventId = parser.lastEventId;
      this.#onChange(error);
      const isFinal = error instanceof Refusal && !error.isPassing;
      if (isFinal) return this.#forget(current);
      await pause(this.#backoff.next(error instanceof Refusal ? error.retryAfterMs : 0), current.signal);
    }
  }

  /**
   * Whoever asks for the same again gets another try.
   *
   * @param {AbortController} current
   */
  #forget(current) {
    if (this.#current === current) this.stop();
  }

  /**
   * Reads one connection to its end.
   *
   * @param {string} path
   * @param {EventParser} parser
   * @param {AbortSignal} signal
   * @returns {Promise<unknown>} why it ended
   */
  async #read(path, parser, signal) {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener('abort', end);
    let silence = setTimeout(end, this.#silenceMs);
    try {
      const stream = await this.#open(path, parser.lastEventId, connection.signal);
      this.#onChange(undefined);
      const reader = stream.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return new TypeError('the server has ended the stream');
        clearTimeout(silence);
        silence = setTimeout(end, this.#silenceMs);
        for (const event of parser.push(decoder.decode(value, { stream: true }))) {
          if (signal.aborted) return undefined;
          this.#onEvent(event);
        }
        this.#backoff.reset();
      }
    } catch (error) {
      return error;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
      connection.abort();
    }
  }
}

/**
 * Waits, unless it is over before.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
