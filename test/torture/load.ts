import { Connection, Gone, type Reply } from './connection.js';
import { type Ledger, type Retry, unsent, type Write } from './ledger.js';
import type { Random } from './random.js';

/** How a client writes. */
export interface Style {
  readonly name: string;
  readonly durability: 'memory' | 'disk';
  readonly isIdempotent: boolean;
}

export const STYLES: readonly Style[] = [
  { name: 'memory', durability: 'memory', isIdempotent: false },
  { name: 'disk', durability: 'disk', isIdempotent: false },
  { name: 'memory-idempotent', durability: 'memory', isIdempotent: true },
  { name: 'disk-idempotent', durability: 'disk', isIdempotent: true },
];

const KEYS_PER_STYLE = 3;
const BY_MAX = 1_000_000_000;

/** The keys that clients write to: some of one style each, one of ones only, and one shared by all. */
export const KEYS: readonly string[] = [
  ...STYLES.flatMap(({ name }) => Array.from({ length: KEYS_PER_STYLE }, (_, i) => `${name}-${i}`)),
  ...STYLES.map(({ name }) => `${name}-ones`),
  'shared',
];

/** The system's monotonic clock, which other processes see as well, in milliseconds. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Clients that write as fast as they are answered, each on one connection, and keep account of it. */
export class Load {
  readonly #port: number;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #numbersAbove: number;
  readonly violations: string[] = [];
  #isStopped = false;
  #clients: Promise<void>[] = [];
  #retrying: Promise<void>[] = [];
  /** Of one run of the server, so that no two have the same. */
  readonly #name: string;
  #made = 0;

  constructor(port: number, ledger: Ledger, random: Random) {
    this.#port = port;
    this.#ledger = ledger;
    this.#random = random;
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
        forget(write);
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

  async #run(style: Style, retries: readonly Retry[], retried: () => void): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(this.#port);
      for (const { write, isReplay } of retries) {
        if (isReplay) await this.#replay(connection, write);
        else await this.#send(connection, write);
      }
      retried();
      while (!this.#isStopped) {
        const write = this.#make(style);
        this.#ledger.writes.push(write);
        await this.#send(connection, write);
      }
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    } finally {
      connection?.close();
    }
  }

  #make({ name, durability, isIdempotent }: Style): Write {
    const which = this.#random.between(0, KEYS_PER_STYLE + 1);
    const isOne = which === KEYS_PER_STYLE;
    return unsent({
      key: which < KEYS_PER_STYLE ? `${name}-${which}` : isOne ? `${name}-ones` : 'shared',
      by: isOne ? 1 : this.#random.between(-BY_MAX, BY_MAX),
      durability,
      idempotencyKey: isIdempotent ? `${this.#name}-${++this.#made}` : undefined,
    });
  }

  async #send(connection: Connection, write: Write): Promise<void> {
    write.sentMs = nowMs();
    const reply = await post(connection, write);
    if (reply.status === 503 && reply.body.includes('"code":"stopping"')) {
      forget(write); // What is refused has no effect.
      throw new Gone('stopping');
    }
    if (reply.status !== 200) return this.#complain(`an increment was answered ${reply.status}: ${reply.body}`);
    if (reply.isReplayed) return this.#complain(`a write that is not on disk was replayed: ${reply.body}`);
    const { seq, durable } = JSON.parse(reply.body) as { seq: number; durable?: true };
    if ((durable === true) !== (write.durability === 'disk')) this.#complain(`asked for ${write.durability}: ${reply.body}`);
    write.seq = seq;
    write.body = reply.body;
    write.ackedMs = nowMs();
    const fault = this.#ledger.number(seq, this.#numbersAbove);
    if (fault !== undefined) this.#complain(fault);
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

/** It was not sent, as far as the run of the server goes. */
function forget(write: Write): void {
  write.sentMs = Number.POSITIVE_INFINITY;
  write.ackedMs = Number.POSITIVE_INFINITY;
  write.seq = 0;
  write.body = '';
}

function post(connection: Connection, { key, by, durability, idempotencyKey }: Write): Promise<Reply> {
  const headers = idempotencyKey === undefined ? '' : `Idempotency-Key: ${idempotencyKey}\r\n`;
  return connection.request('POST', '/increment', `key=${key}&value=${by}&durability=${durability}`, headers);
}
