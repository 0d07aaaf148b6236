import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import type { TransportName } from '../contract/service.js';
import { type Reply, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { drain } from '../writes/written.js';

/** The server under test, through all its lives. */
export class Subject {
  readonly #t: Test;
  readonly #transport: TransportName;
  readonly db: string;
  #server: ServerProcess | undefined;
  #wire: Wire | undefined;

  constructor(t: Test, transport: TransportName) {
    this.#t = t;
    this.#transport = transport;
    this.db = `${t.testdir()}/numbers.db`;
  }

  async start(syncInterval: string): Promise<void> {
    const args = ['--transport', this.#transport, '--sync-interval', syncInterval];
    this.#server = await ServerProcess.serving(this.#t, this.db, args);
    this.#wire = await Wire.open(this.#server.port);
  }

  get #running(): { server: ServerProcess; wire: Wire } {
    if (this.#server === undefined || this.#wire === undefined) throw new Error('it does not run');
    return { server: this.#server, wire: this.#wire };
  }

  /** Sends one request; or several at the same time, each over a connection of its own. */
  async exchange(requests: readonly string[]): Promise<Reply[]> {
    const { server, wire } = this.#running;
    const others = await Promise.all(requests.slice(1).map(() => Wire.open(server.port)));
    const replies = await Promise.all([wire, ...others].map((wire, i) => wire.exchange(requests[i] as string)));
    for (const other of others) other.close();
    return replies;
  }

  async stop(): Promise<void> {
    const { server, wire } = this.#running;
    server.signal('SIGTERM');
    const exit = await server.exit;
    wire.close();
    if (exit.code !== 0) throw new Error(`it stopped with ${JSON.stringify(exit)}: ${server.stderr}`);
  }

  async kill(): Promise<void> {
    const { server, wire } = this.#running;
    server.signal('SIGKILL');
    await server.exit;
    wire.close();
  }

  /**
   * Sends a request, has everything drained from a second connection, and kills it after a while,
   * wherever it is with them.
   *
   * @returns the replies that it still gave.
   */
  async killDuring(bytes: string, afterMs: number): Promise<{ reply: Reply | undefined; drained: Reply | undefined }> {
    const { server, wire } = this.#running;
    const second = await Wire.open(server.port);
    const replies = [wire.exchange(bytes), second.exchange(drain())].map((reply) => reply.catch(() => undefined));
    await delay(afterMs);
    await this.kill();
    const [reply, drained] = await Promise.all(replies);
    second.close();
    return { reply, drained };
  }
}
