import type { Socket } from 'node:net';

/** As much as is parsed at once: a hundred of the shortest requests. */
const PORTION_BYTES = 4 * 1024;

/** Stands between a connection and Node's HTTP parser: while it is shut, no more requests come in. */
export class NodeGate {
  readonly #socket: Socket;
  #isOpen = true;
  #isPortioned = false;

  /** @param socket one that the server knows already. */
  constructor(socket: Socket) {
    this.#socket = socket;
    // Node resumes the socket when a body is wanted or a reply was taken.
    socket.on('resume', () => {
      if (!this.#isOpen) socket.pause();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  shut(): void {
    this.#isOpen = false;
    this.#socket.pause();
  }

  open(): void {
    this.#isOpen = true;
    this.#socket.resume();
  }

  /**
   * Has what is read from now on parsed in portions, between which the gate can be shut.
   *
   * What was read, up to 64 KiB, is otherwise parsed in one go, and each of its requests costs 14
   * microseconds and 7 KB before anybody can look at it: for 20 clients that send ahead all they can,
   * half a second in one turn of the event loop, and 250 MiB. But to read like this costs an eighth of
   * a usual request's time (Node then allocates for every read), so it is not for every connection.
   *
   * Node has no word for that. This takes Node's listener off the socket's data, calls it in its
   * place, and minds Node's mark `_paused`: when that is set, the listener must not be called (Node 20,
   * lib/_http_server.js, socketOnData). Where a version of Node has no such mark, this does nothing.
   */
  portion(): void {
    const socket = this.#socket;
    const [parse] = socket.listeners('data');
    // Once paused, a socket that the parser reads by itself can't be taken from it: it would not go on.
    if (this.#isPortioned || parse === undefined || !('_paused' in socket) || socket.isPaused()) return;
    this.#isPortioned = true;
    socket.removeAllListeners('data');
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length && !socket.destroyed; at += PORTION_BYTES) {
        if (!this.#isOpen || socket._paused) {
          // In this order: what is put back while the socket flows comes out at once.
          socket.pause();
          socket.unshift(bytes.subarray(at));
          return;
        }
        Reflect.apply(parse, socket, [bytes.subarray(at, at + PORTION_BYTES)]);
      }
    });
  }
}
