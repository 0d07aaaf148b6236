import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { NodeGate } from './node-gate.js';
import { IDLE_TIMEOUT_S, RECEIVED_BYTES_PER_S_MIN } from './transport.js';

/** A request that has its turn when those before it on the connection have had theirs. */
export interface Turn {
  /** Whether it can be handled: a body that the handler wants whole is there. */
  readonly isReady: boolean;
  handle(): void;
}

/** How many requests of one connection are answered at once; the others that a client has sent ahead wait. */
const ANSWERING_MAX = 64;

/**
 * One connection and the requests on it.
 *
 *     head --> waiting --handle--> answering --done-->
 *
 * A read brings up to 64 KiB, a thousand small requests. Node would handle them all before it looks
 * at the next connection, and read up to 32 times in a row: 20 clients that sent ahead all that the
 * system takes kept others waiting for four seconds. So no more than ANSWERING_MAX are handled in one
 * turn of the event loop, and no more are taken in until those have been handled.
 */
export class NodeConnection {
  readonly #socket: Socket;
  readonly #gate: NodeGate;
  readonly #onFlood: () => void;
  readonly #waiting: Turn[] = [];
  #answering = 0;
  #isScheduled = false;
  #isStreaming = false;
  /** The request that is being read, or was read last. */
  #latest: IncomingMessage | undefined;
  /** What was read when the clock of a body that is being read was last set, and how long ago that was. */
  #markBytes = 0;
  #sinceMarkS = 0;

  /** @param onFlood called whenever the client has sent more ahead than is taken in. */
  constructor(socket: Socket, onFlood: () => void) {
    this.#socket = socket;
    this.#gate = new NodeGate(socket);
    this.#onFlood = onFlood;
  }

  /** How many requests have come and are not answered. */
  get pending(): number {
    return this.#waiting.length + this.#answering;
  }

  /** A request has begun to come. */
  add(turn: Turn, req: IncomingMessage): void {
    this.#latest = req;
    this.#waiting.push(turn);
    if (this.pending < ANSWERING_MAX || !this.#gate.isOpen) return;
    this.#onFlood();
    this.portion();
    this.#gate.shut();
  }

  /** Prepares for a client that sends far ahead. */
  portion(): void {
    this.#gate.portion();
  }

  /** Handles those whose turn it is, and reads on when there is none. */
  advance(): void {
    while (this.#answering < ANSWERING_MAX) {
      const next = this.#waiting[0];
      if (next === undefined || !next.isReady) break;
      this.#waiting.shift();
      this.#answering++;
      next.handle();
    }
    // One that is not ready may wait for what was not read.
    if (!this.#gate.isOpen && this.#answering < ANSWERING_MAX / 2) this.#gate.open();
  }

  /** A request that was handled is answered. */
  done(): void {
    this.#answering--;
    if (this.#isScheduled || (this.#waiting.length === 0 && this.#gate.isOpen)) return;
    this.#isScheduled = true;
    // In the next turn: it is the other connections' now.
    setImmediate(() => {
      this.#isScheduled = false;
      this.advance();
    });
  }

  /** A request that was handled is answered with a stream, and there is nothing after it. */
  stream(): void {
    this.#isStreaming = true;
    this.done();
  }

  /** Nothing has moved for IDLE_TIMEOUT_S: cuts the connection off, unless it is the server that keeps it waiting. */
  stall(): void {
    const isIdle = this.pending === 0 && !this.#isStreaming;
    if (isIdle || this.#socket.writableLength > 0) this.#socket.destroy();
  }

  /** To be called every second: cuts the connection off when a body comes too slowly. */
  tick(): void {
    const { bytesRead } = this.#socket;
    const isReading = this.#latest !== undefined && !this.#latest.complete && this.#gate.isOpen;
    this.#sinceMarkS++;
    if (!isReading || bytesRead - this.#markBytes >= RECEIVED_BYTES_PER_S_MIN * IDLE_TIMEOUT_S) {
      this.#markBytes = bytesRead;
      this.#sinceMarkS = 0;
    } else if (this.#sinceMarkS > IDLE_TIMEOUT_S) {
      this.#socket.destroy();
    }
  }
}
