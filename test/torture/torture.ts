import { setTimeout as delay } from 'node:timers/promises';
import type { Action } from './action.js';
import { nowMs } from './clock.js';
import type { Counter } from './counter-model.js';
import { type Image, readImage } from './image.js';
import { type Account, Ledger, type Retry } from './ledger.js';
import { Load } from './load.js';
import type { Medium } from './medium.js';
import type { Random } from './random.js';
import { STYLES, type Style } from './style.js';
import { faultsOf, KEYS, sumKeysOf, Traffic } from './traffic.js';
import { Victim } from './victim.js';
import type { Write } from './write.js';

const ALL_KEYS = [...new Set([...STYLES.flatMap(({ name }) => sumKeysOf(name)), ...KEYS])];

const ENDINGS = ['kill', 'kill while starting', 'kill while quiet', 'kill while stopping', 'stop'] as const;
type Ending = (typeof ENDINGS)[number];

const LOAD_MS_MAX = 400;
const START_MS_MAX = 350;
const STOP_MS_MAX = 40;
const CLIENTS = 8;
const INTERVALS_MS = [20, 100, 300, 1_000];

/** What one run of the server is like, and how it ends. */
interface Round {
  readonly ending: Ending;
  readonly styles: readonly Style[];
  readonly intervalMs: number;
  readonly transport: string;
}

/** What was done, and what came of it. */
export interface Report {
  rounds: number;
  kills: number;
  /** Images of other instants that were judged. */
  images: number;
  acknowledged: number;
  /** The same by what was asked for. */
  readonly actions: Record<Action['type'], number>;
  lost: number;
  /** The most that any run said was lost at most. */
  lostAtMost: number;
  repeats: number;
  readonly violations: string[];
}

/** Has servers work under load and crash, over and over, on one medium, and judges what is left. */
export class Torture {
  readonly #medium: Medium;
  readonly #random: Random;
  readonly report: Report = {
    rounds: 0,
    kills: 0,
    images: 0,
    acknowledged: 0,
    actions: { increment: 0, set: 0, delete: 0, report: 0, batch: 0 },
    lost: 0,
    lostAtMost: 0,
    repeats: 0,
    violations: [],
  };
  #ledger = new Ledger();
  #traffic: Traffic;
  #image: Image | undefined;
  #retries: readonly Retry[] = [];

  constructor(medium: Medium, random: Random) {
    this.#medium = medium;
    this.#random = random;
    this.#traffic = new Traffic(random);
  }

  /** Runs servers on one new file, and stops the last one in order. Returns what became of every key. */
  async file(rounds: number): Promise<ReadonlyMap<string, Account>> {
    this.#medium.begin();
    this.#ledger = new Ledger(ALL_KEYS);
    this.#traffic = new Traffic(this.#random);
    this.#image = undefined;
    this.#retries = [];
    try {
      for (let i = 0; i < rounds; i++) await this.#round(this.#plan());
      // What has a key is sent until it is answered: now it has to be there, all of it and once.
      await this.#round({ ending: 'stop', styles: STYLES, intervalMs: 100, transport: 'auto' });
      return this.#ledger.accounts;
    } finally {
      this.#medium.end();
    }
  }

  #plan(): Round {
    const random = this.#random;
    const style = random.pick(STYLES);
    return {
      ending: random.chance(0.6) ? 'kill' : random.pick(ENDINGS),
      styles: Array.from({ length: CLIENTS }, random.chance(0.6) ? (_, i) => STYLES[i % STYLES.length] as Style : () => style),
      intervalMs: random.pick(INTERVALS_MS),
      transport: random.pick(['uws', 'node']),
    };
  }

  async #round(round: Round): Promise<void> {
    this.report.rounds++;
    const where = `round ${this.report.rounds}, ${round.ending}`;
    const args = ['--sync-interval', `${round.intervalMs}ms`, '--transport', round.transport];
    const victim = new Victim(this.#medium.db, args, this.#medium.env);
    try {
      if (round.ending === 'kill while starting') {
        await delay(this.#random.between(0, START_MS_MAX));
        await victim.end();
      } else {
        await victim.serves();
        await this.#checkStart(victim, where);
        await this.#work(victim, round, where);
      }
    } finally {
      if (!victim.hasExited) await victim.end();
    }
    if (round.ending !== 'stop') this.report.kills++;
    this.#settle(round, where);
  }

  /** The server says what the last run has left, and has its values. */
  async #checkStart(victim: Victim, where: string): Promise<void> {
    if (this.#image === undefined) return;
    const { seq, ceilingSeq, clean, counters } = this.#image;
    const expected = { clean, lost_at_most: clean ? 0 : ceilingSeq - seq, durable_seq: seq };
    const { recovered } = JSON.parse((await victim.ask('GET', '/durability')).body) as { recovered: object };
    if (JSON.stringify(recovered) !== JSON.stringify(expected)) {
      this.#violate(where, `recovered is ${JSON.stringify(recovered)}, and the file said ${JSON.stringify(expected)}`);
    }
    for (const key of ALL_KEYS) {
      const { status, body } = await victim.ask('GET', `/numbers/${key}`);
      const value = status === 404 ? undefined : (JSON.parse(body) as { value: number }).value;
      const counter = counters.get(key);
      if (value !== counter?.value && !hasEnded(counter, value))
        this.#violate(where, `${key} is served as ${value}, and was ${counter?.value} in the file`);
    }
  }

  async #work(victim: Victim, { ending, styles }: Round, where: string): Promise<void> {
    const load = new Load(victim.port, this.#ledger, this.#traffic, this.#random);
    this.report.repeats += this.#retries.length;
    load.start(styles, this.#retries);
    if (ending === 'stop') {
      await load.retried();
      const unanswered = this.#retries.filter(({ write, isReplay }) => !isReplay && !write.isAcknowledged && !write.isRefused);
      if (unanswered.length > 0) this.#violate(where, `${unanswered.length} repeated writes have no reply`);
    }
    this.#retries = [];
    await delay(this.#random.between(0, LOAD_MS_MAX));
    if (ending === 'kill while quiet') {
      await load.stop();
      await settled(victim);
    }
    if (ending === 'stop') {
      const status = await victim.end('SIGTERM');
      if (status !== 0) this.#violate(where, `the stop ended with ${status}: ${victim.stderr}`);
    } else {
      if (ending === 'kill while stopping') {
        victim.signal('SIGTERM');
        await delay(this.#random.between(0, STOP_MS_MAX));
      }
      await victim.end();
    }
    await load.ended();
    for (const violation of load.violations) this.#violate(where, violation);
  }

  #settle({ ending, intervalMs }: Round, where: string): void {
    for (const [image, crashMs] of this.#medium.otherCrashes()) {
      this.report.images++;
      const { violations } = this.#ledger.judge(image, crashMs);
      for (const violation of [...violations, ...faultsOf(image)]) this.#violate(`${where}, at ${crashMs}`, violation);
    }
    this.#medium.crash();
    const image = readImage(this.#medium.db);
    this.#checkBound(image, this.#ledger.writes, ending, intervalMs, where);
    for (const { action, isAcknowledged } of this.#ledger.writes) {
      if (!isAcknowledged) continue;
      this.report.acknowledged++;
      this.report.actions[action.type]++;
    }
    const verdict = this.#ledger.settle(image);
    for (const violation of [...verdict.violations, ...faultsOf(image)]) this.#violate(where, violation);
    if (ending !== 'kill while starting') this.#retries = verdict.retries;
    this.report.lost += verdict.lost;
    this.#image = image;
  }

  /** What a run says was lost at most is nothing where nothing can be, and never more than an interval holds. */
  #checkBound(image: Image, writes: readonly Write[], ending: Ending, intervalMs: number, where: string): void {
    const sent = writes.filter(({ wasSent }) => wasSent);
    const lostAtMost = image.ceilingSeq - image.seq;
    this.report.lostAtMost = Math.max(this.report.lostAtMost, lostAtMost);
    if (ending === 'stop' && !image.clean) this.#violate(where, 'the stop was not clean');
    if (lostAtMost === 0) return;
    if (ending === 'kill while starting') {
      const before = this.#image === undefined ? 0 : this.#image.ceilingSeq - this.#image.seq;
      if (lostAtMost !== before)
        this.#violate(where, `lost_at_most is ${lostAtMost}, and was ${before} before anything was written`);
      return;
    }
    if (image.clean || ending === 'stop') this.#violate(where, `lost_at_most is ${lostAtMost} after a clean stop`);
    if (ending === 'kill while quiet') this.#violate(where, `lost_at_most is ${lostAtMost}, and everything was on disk`);
    if (sent.every(({ durability }) => durability === 'disk')) {
      this.#violate(where, `lost_at_most is ${lostAtMost}, and everything was to be on disk before its reply`);
    }
    const bound = intervalHolds(sent, intervalMs);
    if (lostAtMost > bound) this.#violate(where, `lost_at_most is ${lostAtMost}, and an interval holds ${bound}`);
  }

  #violate(where: string, violation: string): void {
    this.report.violations.push(`${where}: ${violation}`);
  }
}

/** Whether a counter that is in the file is not served as it has ended. */
function hasEnded(counter: Counter | undefined, value: number | undefined): boolean {
  return counter?.ends !== undefined && counter.ends.from <= Date.now() && value === undefined;
}

/** Waits until nothing is pending. */
async function settled(victim: Victim): Promise<void> {
  for (const startMs = nowMs(); nowMs() - startMs < 10_000; await delay(2)) {
    if ((JSON.parse((await victim.ask('GET', '/durability')).body) as { pending: number }).pending === 0) return;
  }
  throw new Error('something stays pending though nothing is written');
}

/** See lib/engine/ceiling.ts. A rate there is that of a short time, but not of less than a millisecond. */
const ALLOWANCE_MIN = 1_024;
const ALLOWANCE_INTERVALS = 1.25;
const RATE_MS = 5;
/** How long a drain may take on a machine that has other things to do. */
const DRAIN_MS = 500;

/** What one interval holds at the highest rate that there was, with what the drain itself lets in. */
function intervalHolds(sent: readonly Write[], intervalMs: number): number {
  const times = sent.map(({ sentMs }) => sentMs).sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [i, ms] of times.entries()) {
    while (ms - (times[first] as number) > RATE_MS) first++;
    most = Math.max(most, i - first + 1);
  }
  const perMs = (most + CLIENTS) / RATE_MS;
  return Math.max(ALLOWANCE_MIN, perMs * intervalMs * ALLOWANCE_INTERVALS) + perMs * (intervalMs + DRAIN_MS);
}
