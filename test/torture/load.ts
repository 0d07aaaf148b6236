import { type Action, keysOf, mayBeIdle, requestOf } from './action.js';
import { Connection, Gone, type Reply } from './connection.js';
import type { Ledger, Retry } from './ledger.js';
import type { Random } from './random.js';
import type { Style } from './style.js';
import type { Traffic } from './traffic.js';
import { Write } from './write.js';

/** Clients that write as fast as they are answered, each on one connection, and keep account of it. */
export class Load {
  readonly #port: number;
  readonly #ledger: Ledger;
  readonly #traffic: Traffic;
  readonly #numbersAbove: number;
  readonly violations: string[] = [];
  #isStopped = false;
  #clients: Promise<void>[] = [];
  #retrying: Promise<void>[] = [];
  /** Of one run of the server, so that no two have the same. */
  readonly #name: string;
  #made = 0;

  constructor(port: number, ledger: Ledger, traffic: Traffic, random: Random) {
    this.#port = port;
    this.#ledger = ledger;
    this.#traffic = traffic;
    this.#numbersAbove = ledger.lastSeq;
    this.#name = `${random.between(0, 2 ** 31)}`;
  }

  /** Starts a client of each style, which sends first what is to be sent again. */
  start(styles: readonly Style[], retries: readonly Retry[] = []): void {
    for (const [i, style] of styles.entries()) {
      const share = retries.filter((_, r) => r % styles.length === i);
      // They stay in the account if the server is killed before they are sent.
      for (const { write, isReplay } of share) {
        if (isReplay) continue;
        write.forget();
        this.#ledger.writes.push(write);
      }
      let retried: () => void = () => undefined;
      this.#retrying.push(
        new Promise((resolve) => {
          retried = resolve;
        }),
      );
      this.#clients.push(this.#run(style, share, retried).finally(retried));
    }
  }

  /** Resolves when everything that was to be sent again is answered, or can't be. */
  async retried(): Promise<void> {
    await Promise.all(this.#retrying);
  }

  /** Lets every client have its reply, and no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.ended();
  }

  /** Resolves when no client has a connection any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#clients);
  }

  async #run({ name, durability, isIdempotent }: Style, retries: readonly Retry[], retried: () => void): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(this.#port);
      for (const { write, isReplay } of retries) {
        if (isReplay) await this.#replay(connection, write);
        else await this.#send(connection, write);
      }
      retried();
      while (!this.#isStopped) {
        const key = isIdempotent ? `${this.#name}-${++this.#made}` : undefined;
        const write = new Write(this.#traffic.next(name), durability, key);
        this.#ledger.writes.push(write);
        await this.#send(connection, write);
      }
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    } finally {
      connection?.close();
    }
  }

  async #send(connection: Connection, write: Write): Promise<void> {
    write.send();
    const reply = await post(connection, write);
    if (reply.status === 503 && reply.body.includes('"code":"stopping"')) {
      write.forget(); // What is refused has no effect.
      throw new Gone('stopping');
    }
    const { action } = write;
    if (isRefusal(action, reply)) {
      write.isRefused = true;
      return;
    }
    if (reply.status !== 200) return this.#complain(`${JSON.stringify(action)} was answered ${reply.status}: ${reply.body}`);
    if (reply.isReplayed) return this.#complain(`a write that is not on disk was replayed: ${reply.body}`);
    write.acknowledge(reply.body);
    const { seq, durable, value, values = [value] } = JSON.parse(reply.body) as Answer;
    if ((durable === true) !== (write.durability === 'disk')) this.#complain(`asked for ${write.durability}: ${reply.body}`);
    const fault = this.#ledger.number(seq, this.#numbersAbove, mayBeIdle(action));
    if (fault !== undefined) this.#complain(fault);
    for (const [i, key] of keysOf(action).entries()) this.#traffic.learn(key, values[i] ?? 0);
  }

  async #replay(connection: Connection, write: Write): Promise<void> {
    const reply = await post(connection, write);
    if (reply.body.includes('"code":"stopping"')) throw new Gone('stopping');
    if (reply.status !== 200 || !reply.isReplayed) this.#complain(`not replayed: ${reply.status} ${reply.body}`);
    else if (write.body !== '' && reply.body !== write.body) this.#complain(`replayed ${reply.body}, and it was ${write.body}`);
  }

  #complain(violation: string): void {
    this.violations.push(violation);
  }
}

interface Answer {
  readonly seq: number;
  readonly durable?: true;
  readonly value?: number;
  readonly values?: readonly number[];
}

/** Whether a reply says that an action can't be done as things stand, where that is possible. */
function isRefusal(action: Action, { status, body }: Reply): boolean {
  const has = (code: string) => body.includes(`"code":"${code}"`);
  switch (action.type) {
    case 'increment':
      return (
        status === 409 &&
        ((action.max !== undefined && !action.saturate && has('bound')) || (action.ttl !== undefined && has('not-a-window')))
      );
    case 'set':
      return status === 412 && action.ifValue !== undefined && has('value-differs');
    case 'delete':
      return status === 404 && has('unknown-key');
    default:
      return false;
  }
}

export function post(connection: Connection, { action, durability, idempotencyKey }: Write): Promise<Reply> {
  const { method, target, body } = requestOf(action, durability);
  const headers = idempotencyKey === undefined ? '' : `Idempotency-Key: ${idempotencyKey}\r\n`;
  return connection.request(method, target, body, headers);
}
