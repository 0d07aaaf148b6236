import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry } from '../engine/registry.js';
import { RingBuffer } from '../engine/ring-buffer.js';
import type { WriteBehind } from '../engine/write-behind.js';
import { CLEAN, type Dirtyable, type WriteQueue } from '../engine/write-queue.js';
import type { Caller } from '../http/caller.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';
import type { Columns } from '../store/store.js';
import { Deletion, type Table } from '../store/table.js';
import { type Durability, refuseToWait, replyWhenDurable } from './durability.js';

export const IDEMPOTENCY: Table = {
  name: 'incrementer_idempotency',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'payload', type: 'text' },
    { name: 'type', type: 'text' },
    { name: 'body', type: 'text' },
    { name: 'expires_ms', type: 'integer' },
  ],
  key: ['key'],
};

/** Visible ASCII. */
const VALID_KEY = /^[!-~]{1,255}$/;

/** How often what has expired is looked for, and how much of it is taken out in one turn. */
const SWEEP_MS = 100;
const SWEEP_MAX = 1_000;

/** A reply that is longer counts as several keys towards the bound, one for each time this many characters. */
const BODY_CHARACTERS_A_KEY = 1_024;

/** A write that was made, with its reply. */
export interface Written {
  readonly seq: number;
  readonly type: string;
  readonly body: string;
}

/** What a key stands for. `isGone`: it has expired, and its row is still to be deleted. */
class Record implements Dirtyable {
  readonly key: string;
  payload = '';
  type = '';
  body = '';
  /** What its reply claims. No repeat of it may go out before that is true. */
  durability: Durability = 'memory';
  /** Time of day, in milliseconds since 1970. */
  expiresMs = 0;
  /** Its write; 0 when that was on disk before this run. */
  seq = 0;
  isGone = true;
  dirtyIn = CLEAN;

  constructor(key: string) {
    this.key = key;
  }

  /** For how many keys it counts. */
  get weight(): number {
    return 1 + Math.floor(this.body.length / BODY_CHARACTERS_A_KEY);
  }
}

export interface IdempotencyOptions {
  readonly writes: WriteBehind;
  /** How long a key is kept. */
  readonly ttlMs: number;
  /** How many keys are kept at the most; one with a long reply counts as several. */
  readonly max: number;
  /** The time of day. */
  readonly wallMs: () => number;
}

/**
 * Makes a write count once for its Idempotency-Key, however often it is sent (IETF draft
 * draft-ietf-httpapi-idempotency-key-header).
 *
 * A key's record goes into the write queue in the same turn as what the write changed. So both are
 * in the same batch, and after a crash both are there or neither is. Only writes that were made are
 * kept: a request that was refused changed nothing and may be tried again with the same key.
 */
export class Idempotency {
  readonly #writes: WriteBehind;
  readonly #ttlMs: number;
  readonly #max: number;
  readonly #wallMs: () => number;
  readonly #records: Registry<Record>;
  readonly #queue: WriteQueue<Record>;
  /** Those that are not gone, the first to expire first. */
  readonly #byAge: RingBuffer<Record>;
  /** For how many keys they count. */
  #weight = 0;
  /** When the last of them expires. The next one does not expire before, even if the clock was put back. */
  #lastExpiryMs = 0;
  #sweepTimer: NodeJS.Timeout | undefined;
  #sweeping = false;

  constructor({ writes, ttlMs, max, wallMs }: IdempotencyOptions) {
    this.#writes = writes;
    this.#ttlMs = ttlMs;
    this.#max = max;
    this.#wallMs = wallMs;
    this.#byAge = new RingBuffer(max);
    this.#records = new Registry(Number.POSITIVE_INFINITY);
    this.#queue = writes.queue({
      table: IDEMPOTENCY,
      change: (record: Record) =>
        record.isGone ? new Deletion([record.key]) : [record.key, record.payload, record.type, record.body, record.expiresMs],
      // A key that is used again before its deletion was written is the same record, so that no
      // key is ever in the queue twice. That is why it is forgotten only now.
      onClean: (record: Record) => {
        if (record.isGone) this.#records.delete(record.key);
      },
    });
  }

  /** Takes in rows of IDEMPOTENCY as the store has them. Returns why that is impossible, if it is. */
  load({ length, columns }: Columns): string | undefined {
    // Where the retention was longer before, or the clock ahead, the rest is cut to what it would be now.
    const nowMs = this.#wallMs();
    const latestMs = nowMs + this.#ttlMs;
    const [keys, payloads, types, bodies, expiries] = columns as [string[], string[], string[], string[], number[]];
    for (let i = 0; i < length; i++) {
      const record = new Record(keys[i] as string);
      record.payload = payloads[i] as string;
      record.type = types[i] as string;
      record.body = bodies[i] as string;
      record.expiresMs = Math.min(expiries[i] as number, latestMs);
      if (record.expiresMs <= nowMs) {
        this.#loadExpired(record);
        continue;
      }
      record.isGone = false;
      if (!this.#byAge.push(record)) return `${IDEMPOTENCY.name} has more than ${this.#max} rows: raise --idempotency-max`;
      this.#weight += record.weight;
      this.#records.add(record);
    }
    return undefined;
  }

  /**
   * Has a row deleted that expired before it was loaded. It does not count towards the bound, which
   * it may have been above when the last run ended. Where that would half fill the queue, and so
   * start a drain too early, the row stays in the file until the next start, or its key's next use.
   */
  #loadExpired(record: Record): void {
    if (this.#queue.admitWhileLoading(record)) this.#records.add(record);
  }

  /** Starts to take out what has expired. All rows have been loaded before. */
  start(): void {
    this.#sortByAge();
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** The file's order is that of the keys' first use. */
  #sortByAge(): void {
    const loaded: Record[] = [];
    for (let record = this.#byAge.shift(); record !== undefined; record = this.#byAge.shift()) loaded.push(record);
    loaded.sort((a, b) => a.expiresMs - b.expiresMs);
    for (const record of loaded) this.#byAge.push(record);
    this.#lastExpiryMs = loaded.at(-1)?.expiresMs ?? 0;
  }

  stop(): void {
    clearInterval(this.#sweepTimer);
  }

  /** Whether the exchange asks for it. */
  isAsked(exchange: Exchange): boolean {
    return exchange.header('idempotency-key') !== '';
  }

  /**
   * Makes a write, or replays the one that its key stands for, and replies when it is durable.
   *
   * @param payload what the write does: the same key with another one is refused.
   * @param write makes the write, or says why not. Called at most once, at once.
   */
  answer(exchange: Exchange, payload: string, durability: Durability, write: () => Written | Problem): void {
    const key = exchange.header('idempotency-key');
    if (!VALID_KEY.test(key)) {
      return exchange.refuse(
        new Problem('invalid-parameter', 'Idempotency-Key must be 1 to 255 visible ASCII characters', 'Idempotency-Key'),
      );
    }
    const scoped = scopedTo(exchange.caller, key);
    let record = this.#records.get(scoped);
    if (record !== undefined && this.#holds(record)) return this.#replay(exchange, record, payload, durability);
    const refusal = refuseToWait(this.#writes, durability) ?? this.#fullness();
    if (refusal !== undefined) return exchange.refuse(refusal);
    const lastSeq = this.#writes.seq;
    const written = write();
    if (written instanceof Problem) return exchange.refuse(written);
    if (record === undefined) {
      record = new Record(scoped);
      this.#records.add(record);
    }
    this.#keep(record, payload, durability, written);
    // What changed nothing has no seq of its own. To keep its key is a write: without a seq nobody would wait for it.
    if (written.seq <= lastSeq) record.seq = this.#writes.stamp();
    replyWhenDurable(exchange, this.#writes, record.seq, durability, () => exchange.reply(200, written.type, written.body));
  }

  /** Whether a record still stands for its write. */
  #holds(record: Record): boolean {
    if (record.isGone) return false;
    if (record.expiresMs > this.#wallMs()) return true;
    // It and all that is older is overdue by a sweep at the most.
    this.#expire(Number.POSITIVE_INFINITY);
    return false;
  }

  #replay(exchange: Exchange, record: Record, payload: string, durability: Durability): void {
    if (record.payload !== payload) {
      return exchange.refuse(new Problem('idempotency-key-reused', 'this Idempotency-Key came with another payload before'));
    }
    const until = record.durability === 'disk' ? 'disk' : durability;
    const refusal = refuseToWait(this.#writes, until);
    if (refusal !== undefined) return exchange.refuse(refusal);
    // The record may have expired and be another write's by then.
    const { seq, type, body } = record;
    replyWhenDurable(exchange, this.#writes, seq, until, () => exchange.reply(200, type, body, REPLAYED));
  }

  /** Why no more keys can be kept now. */
  #fullness(): Problem | undefined {
    if (this.#weight >= this.#max) return new Problem('idempotency-full', `${this.#max} keys are kept`);
    if (this.#queue.count === this.#queue.capacity)
      return new Problem('queue-full', `${this.#queue.capacity} keys wait to be written`);
    return undefined;
  }

  #keep(record: Record, payload: string, durability: Durability, { seq, type, body }: Written): void {
    this.#queue.admit(record);
    record.payload = payload;
    record.type = type;
    record.body = body;
    this.#lastExpiryMs = Math.max(this.#lastExpiryMs, this.#wallMs() + this.#ttlMs);
    record.expiresMs = this.#lastExpiryMs;
    record.durability = durability;
    record.seq = seq;
    record.isGone = false;
    this.#byAge.push(record);
    this.#weight += record.weight;
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    while (this.#expire(SWEEP_MAX)) await nextTurn();
    this.#sweeping = false;
  }

  /** Takes out up to `max` records that have expired. Returns whether there may be more. */
  #expire(max: number): boolean {
    const nowMs = this.#wallMs();
    for (let i = 0; i < max; i++) {
      const oldest = this.#byAge.at(0);
      // Where the queue is full, the rest stays until there is room.
      if (oldest === undefined || oldest.expiresMs > nowMs || !this.#queue.admit(oldest)) return false;
      this.#byAge.shift();
      this.#weight -= oldest.weight;
      oldest.isGone = true;
      oldest.payload = '';
      oldest.body = '';
    }
    return true;
  }
}

/** Every account has keys of its own: what another has made under the same key is none of its business. */
function scopedTo({ id }: Caller, key: string): string {
  return id === 0 ? key : `${id} ${key}`;
}

const REPLAYED = { 'Idempotency-Replayed': 'true' };
