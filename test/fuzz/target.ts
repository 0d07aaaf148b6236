import { connect, type Socket } from 'node:net';

/** How long a connection may take to its end: that is much longer than any timeout of the server. */
const END_MS = 60_000;

/** One connection on which mutated requests are sent, one at a time. */
export class Target {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  readonly #closed: Promise<void>;
  #isClosed = false;
  #isFinished = false;
  /** What was sent last. */
  last = '';

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.#socket.on('data', (bytes) => {
      this.#received.push(bytes);
      this.#receivedBytes += bytes.length;
    });
    // A reset is one way of closing.
    this.#socket.on('error', () => undefined);
    this.#socket.on('end', () => this.#socket.end());
    this.#closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** The server has closed it, or it is on its way. */
  get isOver(): boolean {
    return this.#isClosed || this.#socket.readableEnded;
  }

  /** Whether the server ended it before the test did. */
  get isCutOff(): boolean {
    return this.isOver && !this.#isFinished;
  }

  get received(): string {
    return Buffer.concat(this.#received).toString('latin1');
  }

  /** Resolves when the system has taken the bytes, or never will. */
  send(bytes: string): Promise<void> {
    this.last = bytes;
    return new Promise((resolve) => this.#socket.write(bytes, 'latin1', () => resolve()));
  }

  /** Says that nothing more will come: the server has to end the connection. */
  async finish(): Promise<void> {
    if (!this.isOver) {
      this.#isFinished = true;
      this.#socket.end();
    }
    const late = setTimeout(() => this.#socket.destroy(new Error('late')), END_MS);
    await this.#closed;
    clearTimeout(late);
    if (this.#socket.errored?.message === 'late')
      throw new Error(`it is not ended by the server after ${JSON.stringify(this.last)}`);
  }
}
