import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly body: string;
}

/** The server is gone, or has closed the connection. */
export class Gone extends Error {}

/** A connection that is kept alive, with one request on it at a time. */
export class Connection {
  readonly #socket: Socket;
  #unread = '';
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  #isGone = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#unread += text;
      this.#read();
    });
    socket.on('error', () => undefined); // A close follows.
    socket.on('close', () => {
      this.#isGone = true;
      this.#waiting?.reject(new Gone('closed'));
      this.#waiting = undefined;
    });
  }

  /** @throws Gone when nobody listens. */
  static async open(port: number): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const connection = new Connection(socket);
    const closed = once(socket, 'close').then(() => {
      throw new Gone('refused');
    });
    closed.catch(() => undefined);
    await Promise.race([once(socket, 'connect').catch(() => closed), closed]);
    return connection;
  }

  /** @throws Gone when the connection ends before the reply. */
  request(method: string, target: string, body?: string, headers = ''): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#isGone) return reject(new Gone('closed'));
      this.#waiting = { resolve, reject };
      const type =
        body === undefined ? '' : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n`;
      this.#socket.write(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}${type}\r\n${body ?? ''}`, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    const headEnd = this.#unread.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#unread.slice(0, headEnd);
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length === undefined) throw new Error(`a reply without a length: ${head}`);
    const end = headEnd + 4 + Number(length);
    if (this.#unread.length < end) return;
    const reply = {
      status: Number(head.slice(9, 12)),
      isReplayed: /^idempotency-replayed: true/im.test(head),
      body: this.#unread.slice(headEnd + 4, end),
    };
    this.#unread = this.#unread.slice(end);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(reply);
  }
}
