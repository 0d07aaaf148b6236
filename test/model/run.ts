import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from '../contract/wire.js';
import { Random } from '../torture/random.js';
import { Lives } from './lives.js';
import { meet } from './meeting.js';
import { Model } from './model.js';
import { nextRead, nextStep, nextWrite } from './next-step.js';
import { Span } from './span.js';
import { BRIEF_QUIET_MS, briefStep } from './steps/increments.js';
import { nextPageStep } from './steps/lists.js';
import { BLIND_MS, type Step } from './steps/step.js';
import type { Subject } from './subject.js';

/** What happens beside single requests. */
export const EVENTS = ['burst', 'drain', 'look', 'ends', 'stop', 'kill', 'sudden kill', 'kill during a write'] as const;
type Event = (typeof EVENTS)[number];

/** How often they happen. A restart takes as long as a few hundred requests, `ends` more than a second. */
const EVENT_CHANCES: Readonly<Record<Event, number>> = {
  burst: 0.03,
  drain: 0.02,
  look: 0.005,
  ends: 0,
  stop: 0.0004,
  kill: 0.0003,
  'sudden kill': 0.0008,
  'kill during a write': 0.001,
};

const REPEAT_CHANCE = 0.1;
const NEXT_PAGE_CHANCE = 0.5;

const BURST_MAX = 4;
const ENDS = 8;
const BETWEEN_LOOKS_MS = 5;

/** How long is waited for the last milliseconds of a counter. */
const APPROACH_MS = 40;
const LAST_MS = 3;

/** How many writes are remembered, to be sent again. */
const WRITES_MAX = 300;
/** How much a fault is shown with. */
const RECENT_MAX = 12;

/** Does the same with the server and with the model, step by step, and throws where they differ. */
export class Run {
  readonly #seed: number;
  readonly #subject: Subject;
  readonly #lives: Lives;
  readonly model = new Model();
  /** How often what was done. */
  readonly done = new Map<string, number>();
  readonly #writes: Step[] = [];
  readonly #recent: string[] = [];
  #nextPage: string | undefined;
  #taken = 0;

  constructor(seed: number, subject: Subject) {
    this.#seed = seed;
    this.#subject = subject;
    this.#lives = new Lives(subject, this.model);
  }

  start(): Promise<void> {
    return this.#lives.begin(new Random(this.#seed));
  }

  async take(steps: number): Promise<void> {
    while (this.#taken < steps) {
      const random = this.#nextRandom();
      const event = pickEvent(random);
      if (event !== undefined) await this.#happen(event, random);
      else {
        await this.#approach();
        await this.#explaining(() => this.#ask([this.#pick(random)]));
      }
    }
  }

  happen(event: Event): Promise<void> {
    return this.#happen(event, this.#nextRandom());
  }

  /** Each step has its own: where the time had a say in one, that changes as little as can be of those after it. */
  #nextRandom(): Random {
    return new Random(this.#seed ^ Math.imul(++this.#taken, 0x9e3779b1));
  }

  /** Lets the time pass until a counter that ends soon has its last milliseconds. */
  async #approach(): Promise<void> {
    const nowMs = Date.now();
    const next = this.model.nextEnding(nowMs, 0);
    const waitMs = next === undefined ? 0 : next.endMs - LAST_MS - nowMs;
    if (waitMs > 0 && waitMs <= APPROACH_MS) await delay(waitMs);
  }

  #pick(random: Random): Step {
    const page = this.#nextPage;
    this.#nextPage = undefined;
    if (page !== undefined && random.chance(NEXT_PAGE_CHANCE)) return nextPageStep(page);
    const nowMs = Date.now();
    for (;;) {
      const isRepeat = this.#writes.length > 0 && random.chance(REPEAT_CHANCE);
      const step = isRepeat ? this.#repeated(random) : nextStep(random, this.model, this.#taken);
      if (step.quietMs === 0 || this.model.isQuiet(nowMs + step.quietMs)) return step;
    }
  }

  /** What a client that had no answer sends again: the last write, or an older one. */
  #repeated(random: Random): Step {
    return random.chance(0.5) ? (this.#writes.at(-1) as Step) : random.pick(this.#writes);
  }

  async #ask(steps: readonly Step[]): Promise<void> {
    for (const { kind, bytes } of steps) this.#note(kind, bytes);
    const sentMs = Date.now();
    const replies = await this.#subject.exchange(steps.map(({ bytes }) => bytes));
    const asked = steps.map((step, i) => ({ step, reply: replies[i] as Reply }));
    const isAtAnEnd = meet(this.model, asked, new Span(sentMs, Date.now()));
    if (isAtAnEnd) this.#count('at an end');
    this.#nextPage = nextOf(replies[0] as Reply);
    this.#writes.push(...steps.filter(({ isWrite }) => isWrite));
    if (this.#writes.length > WRITES_MAX) this.#writes.splice(0, this.#writes.length - WRITES_MAX);
  }

  #happen(event: Event, random: Random): Promise<void> {
    this.#note(event);
    return this.#explaining(() => {
      switch (event) {
        case 'burst':
          return this.#burst(random);
        case 'drain':
          return this.#lives.drain(random);
        case 'look':
          return this.#lives.look();
        case 'ends':
          return this.#end(random);
        case 'stop':
          return this.#lives.stop(random);
        case 'kill':
          return this.#lives.kill(random, true);
        case 'sudden kill':
          return this.#lives.kill(random, false);
        case 'kill during a write':
          if (!this.#isQuiet()) return this.#lives.kill(random, false);
          return this.#lives.killDuring(random, nextWrite(random, this.model, this.#taken));
      }
    });
  }

  /** Sends several requests at the same time, sometimes one of them twice. Their seqs tell their order. */
  async #burst(random: Random): Promise<void> {
    if (!this.#isQuiet()) return;
    const steps = Array.from({ length: BURST_MAX }, () => this.#pick(random)).filter(({ quietMs }) => quietMs === 0);
    const [first] = steps;
    if (first !== undefined && random.chance(0.3)) steps[steps.length - 1] = first;
    if (steps.length > 0) await this.#ask(steps);
  }

  /** Begins several counters that end soon, and reads until all have been taken out. */
  async #end(random: Random): Promise<void> {
    while (!this.#isQuiet(BRIEF_QUIET_MS)) await this.#lives.look();
    for (let i = 0; i < ENDS; i++) await this.#ask([briefStep(random, this.model, `end:${this.#taken}:${i}`)]);
    while (!this.#isQuiet(BRIEF_QUIET_MS)) {
      await this.#ask([nextRead(random, this.model, this.#taken)]);
      await this.#lives.look();
      await delay(BETWEEN_LOOKS_MS);
    }
  }

  /** Whether nothing ends by itself for a while. */
  #isQuiet(forMs = BLIND_MS): boolean {
    return this.model.isQuiet(Date.now() + forMs);
  }

  #count(kind: string): void {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }

  #note(kind: string, bytes = ''): void {
    this.#count(kind);
    this.#recent.push(`${kind} ${JSON.stringify(bytes)}`);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
  }

  async #explaining(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const where = `step ${this.#taken} of MODEL_SEED=${this.#seed}`;
      const before = `Before it, the last first:\n${this.#recent.toReversed().join('\n')}`;
      throw new Error(`${where}: ${(error as Error).message}\n${before}`, { cause: error });
    }
  }
}

function pickEvent(random: Random): Event | undefined {
  let dice = random.fraction();
  return EVENTS.find((event) => {
    dice -= EVENT_CHANCES[event];
    return dice < 0;
  });
}

/** Where a reply's Link header leads. */
function nextOf({ headers }: Reply): string | undefined {
  return /^<([^>]+)>/.exec(headers.get('link') ?? '')?.[1];
}
