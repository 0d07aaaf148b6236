import { setTimeout as delay } from 'node:timers/promises';
import type { Action, Durability } from './action.js';
import { nowMs } from './clock.js';
import { Connection, type Reply } from './connection.js';
import { act, type World } from './counter-model.js';
import type { Ledger } from './ledger.js';
import { post } from './load.js';
import type { Victim } from './victim.js';
import { Write } from './write.js';

/** A reply that waits for the disk comes within --disk-timeout and the time between two looks at the clock. */
const LOOK_MS = 100;
const SLACK_MS = 1_500;

const RECOVERY_MS = 15_000;

/** Writes while the disk fails, keeps account, and says what should not have happened. */
export class Witness {
  readonly #victim: Victim;
  readonly #ledger: Ledger;
  readonly #diskTimeoutMs: number;
  #counters: World;
  readonly violations: string[] = [];
  readonly #unanswered: Write[] = [];
  #made = 0;
  acknowledged = 0;
  refused = 0;

  /** @param counters that are there already. */
  constructor(victim: Victim, ledger: Ledger, diskTimeoutMs: number, counters: World = new Map()) {
    this.#victim = victim;
    this.#ledger = ledger;
    this.#diskTimeoutMs = diskTimeoutMs;
    this.#counters = counters;
  }

  /** What there has to be: whatever was answered, as long as the server counted it. */
  get counters(): World {
    return this.#counters;
  }

  /** An increment, each of another number. */
  write(key: string, durability: Durability, isIdempotent?: boolean): Promise<void> {
    return this.do({ type: 'increment', key, by: ++this.#made }, durability, isIdempotent);
  }

  /**
   * A write is acknowledged, or answered in time that it is not on disk yet; one to memory is acknowledged.
   *
   * @param action one that can be done, and does not depend on what is done at the same time.
   */
  async do(action: Action, durability: Durability, isIdempotent = durability === 'disk'): Promise<void> {
    const write = new Write(action, durability, isIdempotent ? `${this.#victim.port}-${++this.#made}` : undefined);
    this.#ledger.writes.push(write);
    write.send();
    const { from } = write.at;
    const [outcome] = act(this.#counters, action, { from, to: from + RECOVERY_MS });
    if (outcome === undefined) throw new Error(`it can't be done: ${JSON.stringify(action)}`);
    this.#counters = outcome.world;
    const reply = await this.#post(write);
    const ms = nowMs() - write.sentMs;
    if (ms > this.#diskTimeoutMs + LOOK_MS + SLACK_MS)
      this.violations.push(`a write to ${durability} was answered after ${ms} ms`);
    if (reply.status === 200) {
      this.acknowledged++;
      write.acknowledge(reply.body);
    } else if (durability === 'disk' && isUnavailable(reply)) {
      this.refused++;
      this.#unanswered.push(write);
    } else {
      this.violations.push(`${JSON.stringify(action)} to ${durability} was answered ${reply.status}: ${reply.body}`);
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
      if (reply.status === 200 && reply.isReplayed) write.acknowledge(reply.body);
      else this.violations.push(`repeated, it was answered ${reply.status}: ${reply.body}`);
    }
  }

  async #pending(): Promise<number> {
    return (JSON.parse((await this.#victim.ask('GET', '/durability')).body) as { pending: number }).pending;
  }

  async #post(write: Write): Promise<Reply> {
    const connection = await Connection.open(this.#victim.port);
    try {
      return await post(connection, write);
    } finally {
      connection.close();
    }
  }
}

function isUnavailable({ status, body }: Reply): boolean {
  return status === 503 && body.includes('"code":"store-unavailable"');
}
