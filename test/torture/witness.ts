import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type Reply } from './connection.js';
import { type Ledger, unsent, type Write } from './ledger.js';
import { nowMs } from './load.js';
import type { Victim } from './victim.js';

/** A reply that waits for the disk comes within --disk-timeout and the time between two looks at the clock. */
const LOOK_MS = 100;
const SLACK_MS = 1_500;

const RECOVERY_MS = 15_000;

/** Writes while the disk fails, keeps account, and says what should not have happened. */
export class Witness {
  readonly #victim: Victim;
  readonly #ledger: Ledger;
  readonly #diskTimeoutMs: number;
  readonly #sums: Map<string, number>;
  readonly violations: string[] = [];
  readonly #unanswered: Write[] = [];
  #made = 0;
  acknowledged = 0;
  refused = 0;

  constructor(victim: Victim, ledger: Ledger, diskTimeoutMs: number, sums: ReadonlyMap<string, number> = new Map()) {
    this.#victim = victim;
    this.#ledger = ledger;
    this.#diskTimeoutMs = diskTimeoutMs;
    this.#sums = new Map(sums);
  }

  /** What has to be in every counter: whatever was answered, as long as the server counted it. */
  get sums(): ReadonlyMap<string, number> {
    return this.#sums;
  }

  /** A write is acknowledged, or answered in time that it is not on disk yet; one to memory is acknowledged. */
  async write(key: string, durability: 'memory' | 'disk', isIdempotent = durability === 'disk'): Promise<void> {
    const by = ++this.#made;
    const write = unsent({
      key,
      by,
      durability,
      idempotencyKey: isIdempotent ? `${this.#victim.port}-${by}` : undefined,
    });
    this.#ledger.writes.push(write);
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + by);
    write.sentMs = nowMs();
    const reply = await this.#post(write);
    const ms = nowMs() - write.sentMs;
    if (ms > this.#diskTimeoutMs + LOOK_MS + SLACK_MS)
      this.violations.push(`a write to ${durability} was answered after ${ms} ms`);
    if (reply.status === 200) {
      this.acknowledged++;
      write.seq = (JSON.parse(reply.body) as { seq: number }).seq;
      write.ackedMs = nowMs();
    } else if (durability === 'disk' && isUnavailable(reply)) {
      this.refused++;
      this.#unanswered.push(write);
    } else {
      this.violations.push(`a write to ${durability} was answered ${reply.status}: ${reply.body}`);
    }
  }

  async drain(): Promise<void> {
    const reply = await this.#victim.ask('POST', '/drain', '');
    if (reply.status !== 200 && !isUnavailable(reply))
      this.violations.push(`a drain was answered ${reply.status}: ${reply.body}`);
  }

  async isReady(): Promise<boolean> {
    const { status } = await this.#victim.ask('GET', '/healthz');
    if (status !== 200) this.violations.push(`/healthz says ${status}`);
    return (await this.#victim.ask('GET', '/readyz')).status === 200;
  }

  /** Waits until the server works again, and repeats what it could not promise: that must count nothing. */
  async recovered(): Promise<void> {
    const startMs = nowMs();
    while (!(await this.isReady()) || (await this.#pending()) > 0) {
      if (nowMs() - startMs > RECOVERY_MS) throw new Error(`the server does not recover: ${this.#victim.stderr}`);
      await delay(5);
    }
    for (const write of this.#unanswered.splice(0)) {
      const reply = await this.#post(write);
      if (reply.status !== 200 || !reply.isReplayed)
        this.violations.push(`repeated, it was answered ${reply.status}: ${reply.body}`);
    }
  }

  async #pending(): Promise<number> {
    return (JSON.parse((await this.#victim.ask('GET', '/durability')).body) as { pending: number }).pending;
  }

  async #post({ key, by, durability, idempotencyKey }: Write): Promise<Reply> {
    const connection = await Connection.open(this.#victim.port);
    try {
      const headers = idempotencyKey === undefined ? '' : `Idempotency-Key: ${idempotencyKey}\r\n`;
      return await connection.request('POST', '/increment', `key=${key}&value=${by}&durability=${durability}`, headers);
    } finally {
      connection.close();
    }
  }
}

function isUnavailable({ status, body }: Reply): boolean {
  return status === 503 && body.includes('"code":"store-unavailable"');
}
