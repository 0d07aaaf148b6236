import fc from 'fast-check';
import t from 'tap';
import { ConcurrencyLimiter, type Place, type Turned } from '../../dist/http/concurrency-limiter.js';
import { Clock } from '../clock.js';
import { holds } from '../property.js';

/** One who is let in some time, or not. */
class Guest {
  place: Place | undefined;
  state: 'asking' | 'waiting' | 'in' | 'out' | 'dropped' | Turned = 'asking';
  readonly sinceMs: number;
  /** How often it was told what became of it. */
  told = 0;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }
}

const WAIT_MS = 50;
const GUESTS_MAX = 200;

/** A limiter, its guests in the order in which they came, and what has to be true of them at any time. */
class House {
  readonly clock = new Clock();
  readonly guests: Guest[] = [];
  readonly entered: Guest[] = [];
  readonly limiter: ConcurrencyLimiter;
  readonly #limit: number;
  readonly #queueMax: number;
  /** Whether guests leave while they are being let in, and those who had to wait send another before that is over. */
  hasty = false;

  constructor(limit: number, queueMax: number) {
    this.#limit = limit;
    this.#queueMax = queueMax;
    this.limiter = new ConcurrencyLimiter({
      limit,
      queueMax,
      waitMs: WAIT_MS,
      nowMs: this.clock.nowMs,
      after: this.clock.after,
    });
  }

  come(): Guest {
    const guest = new Guest(this.clock.nowMs());
    const couldWait = this.in('waiting').length < this.#queueMax;
    const hadRoom = this.in('in').length < this.#limit;
    this.guests.push(guest);
    guest.place = this.limiter.enter({
      enter: () => {
        guest.told++;
        guest.state = 'in';
        this.entered.push(guest);
        if (!this.hasty) return;
        this.leave(guest);
        if (this.guests.length < GUESTS_MAX && guest.place !== undefined) this.come();
      },
      turnAway: (why) => {
        guest.told++;
        guest.state = why;
        if (why === 'queue-full' && (hadRoom || couldWait)) throw new Error('turned away though there was room');
        if (why === 'waited-too-long' && this.clock.nowMs() !== guest.sinceMs + WAIT_MS) throw new Error('not at its time');
      },
    });
    if (guest.place !== undefined) guest.state = 'waiting';
    return guest;
  }

  leave(guest: Guest): void {
    guest.state = 'out';
    this.limiter.leave();
  }

  drop(guest: Guest): void {
    if (guest.place === undefined) return;
    if (guest.state === 'waiting') guest.state = 'dropped';
    this.limiter.drop(guest.place);
  }

  in(state: Guest['state']): Guest[] {
    return this.guests.filter((guest) => guest.state === state);
  }

  check(): void {
    const { running, waiting } = this.limiter;
    const fault = [
      running !== this.in('in').length && `${running} run, and ${this.in('in').length} are in`,
      waiting !== this.in('waiting').length && `${waiting} wait, and ${this.in('waiting').length} were not told`,
      running > this.#limit && `${running} run`,
      waiting > this.#queueMax && `${waiting} wait`,
      waiting > 0 && running < this.#limit && 'somebody waits though there is room',
      this.guests.some(({ state, told }) => told !== (['waiting', 'dropped'].includes(state) ? 0 : 1)) && 'told more than once',
      this.in('waiting').some(({ sinceMs }) => sinceMs + WAIT_MS <= this.clock.nowMs()) && 'somebody waits for too long',
      this.entered.some((guest, i) => i > 0 && this.guests.indexOf(guest) < this.guests.indexOf(this.entered[i - 1] as Guest)) &&
        'somebody was overtaken',
      this.clock.timers > 1 && `${this.clock.timers} timers`,
    ].find((each) => each !== false);
    if (fault !== undefined) throw new Error(fault);
  }
}

const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'come' } as const) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drop' as const), which: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'hurry' } as const) },
);

t.test('never more are in than may, nor more wait; nobody is overtaken, forgotten, or told twice', async (t) => {
  holds(
    t,
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(5), fc.array(STEP, { maxLength: 80 }), (limit, queueMax, steps) => {
      const house = new House(limit, queueMax);
      for (const step of steps) {
        const inside = house.in('in');
        if (step.do === 'come') house.come();
        else if (step.do === 'leave' && inside.length > 0) house.leave(inside[step.which % inside.length] as Guest);
        else if (step.do === 'drop' && house.guests.length > 0)
          house.drop(house.guests[step.which % house.guests.length] as Guest);
        else if (step.do === 'pass') house.clock.advance(step.ms);
        else if (step.do === 'hurry') house.hasty = !house.hasty;
        house.check();
      }
      // Everyone goes, and nothing is left: no place, no timer.
      house.hasty = true;
      for (const guest of house.in('in')) house.leave(guest);
      house.check();
      house.clock.advance(WAIT_MS);
      return house.limiter.running === 0 && house.limiter.waiting === 0 && house.clock.timers === 0;
    }),
    2_000,
  );
});

t.test('whoever does not want to wait is let in, or not, at once, and does not overtake', async (t) => {
  const clock = new Clock();
  const limiter = new ConcurrencyLimiter({ limit: 1, queueMax: 1, waitMs: WAIT_MS, nowMs: clock.nowMs, after: clock.after });
  t.equal(limiter.tryEnter(), true);
  t.equal(limiter.tryEnter(), false);
  let entered = 0;
  limiter.enter({ enter: () => entered++, turnAway: () => t.fail('there is room in the line') });
  limiter.leave();
  t.equal(entered, 1);
  t.equal(limiter.tryEnter(), false, 'who waited is in');
  limiter.leave();
  t.equal(limiter.tryEnter(), true);
});

t.test('a line of a hundred thousand who leave at once is no recursion', async (t) => {
  const house = new ConcurrencyLimiter({ limit: 1, queueMax: 100_000, waitMs: 1_000, after: () => undefined });
  let entered = 0;
  t.equal(house.tryEnter(), true);
  const entrant = {
    enter: () => {
      entered++;
      house.leave();
    },
    turnAway: () => t.fail('there is room in the line'),
  };
  for (let i = 0; i < 100_000; i++) house.enter(entrant);
  house.leave();
  t.equal(entered, 100_000);
  t.equal(house.running, 0);
});

t.test('who waits too long is turned away by the clock of the machine', async (t) => {
  const limiter = new ConcurrencyLimiter({ limit: 1, queueMax: 2, waitMs: 20 });
  limiter.tryEnter();
  const whys = [1, 2].map(
    () => new Promise<Turned>((turnAway) => limiter.enter({ enter: () => t.fail('it is full'), turnAway })),
  );
  // The limiter's own timer does not keep this process alive.
  const alive = setInterval(() => undefined, 1_000);
  t.same(await Promise.all(whys), ['waited-too-long', 'waited-too-long']);
  clearInterval(alive);
  t.equal(limiter.waiting, 0);
});

t.test('who leaves without having been in is a mistake, and so is a limit of none', async (t) => {
  const options = { limit: 1, queueMax: 0, waitMs: 1 };
  t.throws(() => new ConcurrencyLimiter(options).leave(), { message: /nobody is in/ });
  t.throws(() => new ConcurrencyLimiter({ ...options, limit: 0 }), RangeError);
});
