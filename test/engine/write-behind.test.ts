import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { WriteBehind } from '../../dist/engine/write-behind.js';
import type { WriteBehindOptions } from '../../dist/engine/write-behind-options.js';
import type { DrainFailure, DrainReport } from '../../dist/engine/write-behind-status.js';
import { CLEAN, type Dirtyable, type WriteQueue } from '../../dist/engine/write-queue.js';
import type { StoreState } from '../../dist/store/store.js';
import type { Table } from '../../dist/store/table.js';
import { until } from '../condition.js';
import { MemoryStore } from '../memory-store.js';
import { holdsAsync } from '../property.js';

const TABLE: Table = {
  name: 'numbers',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'value', type: 'integer' },
  ],
  key: ['key'],
};

/** Longer than any test: the drain job's timer does not fire. */
const LONG_MS = 600_000;

/** The clock goes on so far that the rate of writes seen before counts for nothing. */
const QUIET_MS = 1_000_000_000;

class Entry implements Dirtyable {
  dirtyIn = CLEAN;
  value = 0;
  constructor(readonly key: string) {}
}

/** A write-behind over a store in memory, and entries to change. */
class Engine {
  readonly store: MemoryStore;
  readonly writes: WriteBehind;
  readonly queue: WriteQueue<Entry>;
  readonly clock = { ms: 0 };
  readonly storeChanges: (Error | undefined)[] = [];
  readonly entries = new Map<string, Entry>();
  /** Every write, in order. */
  readonly history: { seq: number; key: string; value: number }[] = [];

  constructor(options: Partial<WriteBehindOptions> & { store?: MemoryStore; state?: StoreState } = {}) {
    this.store = options.store ?? new MemoryStore(options.state);
    this.writes = new WriteBehind({
      store: this.store,
      intervalMs: LONG_MS,
      waitMs: Number.POSITIVE_INFINITY,
      queueCapacity: 10_000,
      nowMs: () => this.clock.ms,
      onStoreChange: (error) => this.storeChanges.push(error),
      ...options,
    });
    this.queue = this.writes.queue({ table: TABLE, change: (entry: Entry) => [entry.key, entry.value] });
  }

  start(): this {
    this.writes.start(this.store.state);
    return this;
  }

  write(key: string): number {
    const entry = this.entries.get(key) ?? new Entry(key);
    this.entries.set(key, entry);
    if (!this.queue.admit(entry)) throw new Error('the queue is full');
    entry.value++;
    const seq = this.writes.stamp();
    this.history.push({ seq, key, value: entry.value });
    return seq;
  }

  durable(seq: number): Promise<boolean> {
    return new Promise((resolve) => this.writes.whenDurable(seq, resolve));
  }

  acknowledged(seq: number): Promise<void> {
    if (this.writes.acknowledge(seq)) return Promise.resolve();
    return new Promise((resolve) => this.writes.whenAcknowledged(seq, resolve));
  }

  /** What is on disk of a key. */
  stored(key: string): number | undefined {
    return this.store.rows.get(`numbers ${key}`)?.[1] as number | undefined;
  }
}

function engineOf(t: Test, ...parameters: ConstructorParameters<typeof Engine>): Engine {
  const engine = new Engine(...parameters).start();
  t.teardown(async () => {
    engine.store.failure = undefined;
    engine.store.halting = false;
    engine.store.go();
    await engine.writes.stop(Number.POSITIVE_INFINITY);
  });
  return engine;
}

/** Long enough for everything that does not wait for anything else. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await nextTurn();
}

test('writes are numbered 1, 2, 3, and go on from the ceiling of the last run', async (t) => {
  const fresh = engineOf(t);
  t.same([fresh.write('a'), fresh.write('b'), fresh.write('a')], [1, 2, 3]);
  const restarted = engineOf(t, { state: { seq: 40, ceilingSeq: 1_000, clean: false } });
  t.equal(restarted.writes.status().seq, 1_000);
  t.equal(restarted.writes.status().durableSeq, 1_000);
  t.equal(restarted.write('a'), 1_001);
});

test('`durable` is said only when the value is on disk', async (t) => {
  const engine = engineOf(t);
  engine.store.halting = true;
  const seq = engine.write('a');
  let told: boolean | undefined;
  engine.writes.whenDurable(seq, (reached) => {
    told = reached;
  });
  for (const point of ['begun', 'taken', 'landed']) {
    await until('the commit gets on', () => engine.store.haltedAt === point);
    t.equal(told, undefined, `not while the commit has ${point}`);
    t.equal(engine.writes.status().durableSeq, 0);
    engine.store.go();
  }
  await until('the waiter is told', () => told !== undefined);
  t.equal(told, true);
  t.equal(engine.stored('a'), 1);
  t.equal(engine.writes.status().durableSeq, seq);
});

test('what is durable already is said to be at once', async (t) => {
  const engine = engineOf(t);
  const seq = engine.write('a');
  t.equal(await engine.durable(seq), true);
  let told = false;
  engine.writes.whenDurable(seq, (reached) => {
    told = reached;
  });
  t.equal(told, true);
});

test('many who wait share one commit', async (t) => {
  const engine = engineOf(t);
  const waiting = Array.from({ length: 500 }, (_, number) => engine.durable(engine.write(`key${number % 50}`)));
  t.ok((await Promise.all(waiting)).every((reached) => reached));
  t.equal(engine.store.commits.length, 1);
  t.equal(engine.store.commits[0]?.rows, 50);
});

test('whoever waits for the disk looks whether the commit before is done', async (t) => {
  const engine = engineOf(t);
  const first = engine.durable(engine.write('a'));
  t.equal(engine.store.looks, 1);
  const second = engine.durable(engine.write('b'));
  t.equal(engine.store.looks, 2);
  await Promise.all([first, second]);
});

test('those who come during a commit share the next one', async (t) => {
  const engine = engineOf(t);
  engine.store.halting = true;
  const first = engine.durable(engine.write('a'));
  await until('the first commit is under way', () => engine.store.haltedAt === 'begun');
  const others: Promise<boolean>[] = [];
  for (let turn = 0; turn < 20; turn++) {
    for (let i = 0; i < 10; i++) others.push(engine.durable(engine.write(`key${i}`)));
    await nextTurn();
  }
  engine.store.halting = false;
  engine.store.go();
  t.ok((await Promise.all([first, ...others])).every((reached) => reached));
  t.equal(engine.store.commits.length, 2);
});

test('the drain job writes what changed without being asked, and nothing when nothing changed', async (t) => {
  const engine = engineOf(t, { intervalMs: 5 });
  engine.write('a');
  await until('the value is on disk', () => engine.stored('a') === 1);
  await until('the drain is reported', () => engine.writes.status().lastDrain);
  t.equal(engine.writes.status().lastDrain?.rows, 1);
  await until('everything is durable', () => engine.writes.status().durableSeq === 1);
  const attempts = engine.store.attempts;
  // Ten more intervals' worth of timers: a job that wrote for nothing would have.
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await until('ten intervals are over', () => ticks >= 10);
  clearInterval(timer);
  t.equal(engine.store.attempts, attempts);
});

test('a queue that is half full is drained at once', async (t) => {
  const engine = engineOf(t, { queueCapacity: 10 });
  for (let i = 0; i < 4; i++) engine.write(`key${i}`);
  await settled();
  t.equal(engine.store.attempts, 0);
  engine.write('key4');
  await until('it is drained', () => engine.writes.status().queued === 0);
  t.equal(engine.writes.status().durableSeq, 5);
});

test('the first write after a quiet time has the ceiling raised on disk before it is acknowledged', async (t) => {
  const engine = engineOf(t);
  t.equal(engine.store.state.ceilingSeq, 0);
  t.equal(engine.writes.acknowledge(engine.write('a')), true);
  const { ceilingSeq } = engine.store.state;
  t.ok(ceilingSeq > 1, 'the raised ceiling is on disk');
  t.equal(engine.store.state.seq, 0, 'the write itself is not');
  for (let i = 0; i < 100; i++) t.equal(engine.writes.acknowledge(engine.write('a')), true);
  t.equal(engine.store.state.ceilingSeq, ceilingSeq, 'the next ones need no raise');
});

test('where the ceiling can not be raised at once the write is acknowledged when it has been', async (t) => {
  const engine = engineOf(t);
  engine.store.slow = true;
  const seq = engine.write('a');
  t.equal(engine.writes.acknowledge(seq), false);
  t.equal(engine.store.state.ceilingSeq, 0);
  await new Promise<void>((resolve) => engine.writes.whenAcknowledged(seq, resolve));
  t.ok(engine.store.state.ceilingSeq > seq, 'the raised ceiling is on disk');
  t.equal(engine.store.state.seq, 0, 'the write itself is not');
  t.equal(engine.store.commits.length, 1);
  t.equal(engine.writes.acknowledge(engine.write('a')), true);
});

test('a raise that comes late does not take back what a commit has promised', async (t) => {
  const engine = engineOf(t);
  engine.store.slow = true;
  engine.store.halting = true;
  for (let i = 0; i < 5_000; i++) engine.write('a');
  engine.writes.acknowledge(5_000);
  await until('a commit is under way', () => engine.store.haltedAt === 'begun');
  for (let i = 0; i < 5_000; i++) engine.write('a');
  engine.store.go();
  await until('its ceiling is sealed, high after so many writes at once', () => engine.store.haltedAt === 'taken');
  engine.clock.ms += QUIET_MS;
  t.equal(engine.writes.acknowledge(engine.write('a')), false, 'a raise is asked for, low after so quiet a time');
  engine.store.go();
  await until('the commit is answered', () => engine.store.haltedAt === 'landed');
  engine.store.go();
  await settled();
  let acknowledged = 0;
  while (engine.writes.status().seq < 12_000 && engine.store.state.ceilingSeq >= acknowledged) {
    const seq = engine.write('a');
    if (engine.writes.acknowledge(seq)) acknowledged = seq;
  }
  t.ok(acknowledged > 10_001);
  t.ok(engine.store.state.ceilingSeq >= acknowledged, `${acknowledged} was acknowledged, not above the ceiling on disk`);
});

test('a load that comes near the ceiling has it raised before it meets it', async (t) => {
  const engine = engineOf(t);
  engine.clock.ms = QUIET_MS;
  await engine.acknowledged(engine.write('a'));
  const { ceilingSeq } = engine.store.state;
  while (engine.writes.status().seq < ceilingSeq - 1) engine.writes.acknowledge(engine.write('a'));
  await until('the ceiling is raised', () => engine.store.state.ceilingSeq > ceilingSeq);
  t.equal(engine.writes.acknowledge(engine.write('a')), true);
});

test('whoever asks for a raise that is under way does not cause another', async (t) => {
  const engine = engineOf(t);
  engine.clock.ms = QUIET_MS;
  await engine.acknowledged(engine.write('a'));
  const { ceilingSeq } = engine.store.state;
  engine.store.halting = true;
  const commits = engine.store.attempts;
  while (engine.writes.status().seq < ceilingSeq - 1) engine.writes.acknowledge(engine.write('a'));
  await until('the raise is on its way', () => engine.store.haltedAt === 'begun');
  engine.store.go();
  await until('it is sealed', () => engine.store.haltedAt === 'taken');
  engine.store.halting = false;
  t.equal(engine.writes.acknowledge(engine.write('a')), true, 'still below the one on disk');
  engine.store.go();
  await until('the ceiling is raised', () => engine.store.state.ceilingSeq > ceilingSeq);
  await settled();
  t.equal(engine.store.attempts - commits, 1);
});

test('when nothing is pending the ceiling on disk is what is durable', async (t) => {
  const engine = engineOf(t);
  await engine.acknowledged(engine.write('a'));
  t.ok(engine.store.state.ceilingSeq > 1);
  engine.writes.drain();
  await until('it is drained', () => engine.writes.status().durableSeq === 1);
  t.same(engine.store.state, { seq: 1, ceilingSeq: 1, clean: false });
});

test('one who waits for the disk alone leaves no ceiling behind', async (t) => {
  const engine = engineOf(t);
  await engine.durable(engine.write('a'));
  t.same(engine.store.state, { seq: 1, ceilingSeq: 1, clean: false });
});

test('a failing store is told about once, keeps everything, and is tried until it works', async (t) => {
  let failures = 0;
  const engine = engineOf(t, { onDrain: (drain) => 'error' in drain && failures++ });
  const failure = new Error('disk full');
  engine.store.failure = failure;
  const waiting = engine.durable(engine.write('a'));
  await until('it failed three times', () => failures >= 3);
  t.same(engine.storeChanges, [failure]);
  t.equal(engine.writes.status().store, 'failing');
  t.equal(engine.writes.status().queued, 1);
  t.equal(engine.writes.status().durableSeq, 0);
  engine.write('a');
  const last = engine.durable(engine.write('b'));
  engine.store.failure = undefined;
  t.equal(await waiting, true);
  t.equal(await last, true);
  t.equal(engine.writes.status().durableSeq, 3);
  t.equal(engine.stored('a'), 2);
  t.equal(engine.stored('b'), 1);
  t.same(engine.storeChanges, [failure, undefined]);
  t.equal(engine.writes.status().store, 'ok');
  t.equal(engine.writes.status().queued, 0);
});

test('while the store fails nobody hurries the retries', async (t) => {
  const engine = engineOf(t);
  engine.store.failure = new Error('disk full');
  engine.writes.drain();
  await until('it fails', () => engine.writes.status().store === 'failing');
  const { attempts } = engine.store;
  for (let i = 0; i < 50; i++) {
    void engine.durable(engine.write('a'));
    engine.writes.drain();
  }
  await settled();
  t.equal(engine.store.attempts, attempts);
});

test('while the store fails writes are acknowledged from memory all the same', async (t) => {
  const engine = engineOf(t);
  engine.store.failure = new Error('disk full');
  const seq = engine.write('a');
  t.equal(engine.writes.acknowledge(seq), false, 'nobody knows yet');
  await new Promise<void>((resolve) => engine.writes.whenAcknowledged(seq, resolve));
  t.equal(engine.writes.status().store, 'failing');
  t.equal(engine.writes.acknowledge(engine.write('a')), true);
});

test('a write acknowledged while the store comes back is under the ceiling as soon as it is back', async (t) => {
  const engine = engineOf(t);
  engine.store.failure = new Error('disk full');
  await engine.acknowledged(engine.write('a'));
  engine.store.halting = true;
  engine.store.failure = undefined;
  await until('it is tried again', () => engine.store.haltedAt === 'begun');
  engine.store.go();
  await until('the batch is sealed', () => engine.store.haltedAt === 'taken');
  const seq = engine.write('a');
  t.equal(engine.writes.acknowledge(seq), true, 'the store still counts as failing');
  engine.store.halting = false;
  engine.store.go();
  await until('the store works', () => engine.writes.status().store === 'ok');
  await until('no commit is under way', async () => {
    const { length } = engine.store.commits;
    await settled();
    return length === engine.store.commits.length;
  });
  t.ok(
    engine.store.state.ceilingSeq >= seq,
    `the ceiling on disk is ${engine.store.state.ceilingSeq}, and ${seq} was acknowledged`,
  );
});

test('those who wait for the disk longer than waitMs are told that it was not reached', async (t) => {
  const engine = engineOf(t, { waitMs: 50 });
  engine.store.halting = true;
  const waiting = engine.durable(engine.write('a'));
  await until('the commit is under way', () => engine.store.haltedAt === 'begun');
  engine.clock.ms = 50;
  t.equal(await waiting, false);
  t.equal(engine.writes.status().queued, 1, 'it is still to be written');
});

test('a commit that hangs counts as a failing store, and holds no reply back for longer than waitMs', async (t) => {
  const engine = engineOf(t, { waitMs: 50 });
  engine.store.halting = true;
  engine.store.slow = true;
  const acknowledged = engine.acknowledged(engine.write('a'));
  await until('the commit is under way', () => engine.store.haltedAt === 'begun');
  t.equal(engine.writes.status().store, 'ok');
  engine.clock.ms = 50;
  await acknowledged;
  t.equal(engine.writes.status().store, 'failing');
  t.equal(engine.writes.acknowledge(engine.write('a')), true);
  engine.store.halting = false;
  engine.store.go();
  await until('the commit comes to its end', () => engine.writes.status().store === 'ok');
});

test('drains that do not come are seen', async (t) => {
  const engine = engineOf(t, { intervalMs: 1_000_000 });
  engine.write('a');
  engine.clock.ms = 3_000_000;
  t.equal(engine.writes.status().stalled, false);
  t.equal(engine.writes.status().oldestPendingMs, 3_000_000);
  engine.clock.ms = 3_000_001;
  t.equal(engine.writes.status().stalled, true);
  await engine.durable(1);
  t.equal(engine.writes.status().stalled, false);
  t.equal(engine.writes.status().oldestPendingMs, 0);
});

test('a stop drains what is left and says that it is on disk', async (t) => {
  const engine = new Engine().start();
  for (let i = 0; i < 100; i++) engine.write(`key${i}`);
  t.equal(await engine.writes.stop(Number.POSITIVE_INFINITY), true);
  t.equal(engine.store.rows.size, 100);
  t.equal(engine.store.state.seq, 100);
});

test('a stop with nothing to write says so too', async (t) => {
  t.equal(await new Engine().start().writes.stop(Number.POSITIVE_INFINITY), true);
});

test('a stop whose time is up before all is on disk says that some is lost', async (t) => {
  const engine = new Engine().start();
  engine.store.failure = new Error('disk full');
  engine.write('a');
  const stopped = engine.writes.stop(1_000);
  await until('it is tried', () => engine.store.attempts > 0);
  engine.clock.ms = 1_000;
  t.equal(await stopped, false);
  t.equal(engine.store.rows.size, 0);
});

/** An engine that is driven step by step, and checked after every one. */
class Run {
  readonly engine = new Engine({ store: new MemoryStore(undefined, 3) }).start();
  readonly acknowledged: number[] = [];
  /** Acknowledged while the store failed: a crash may lose more than it says until it works again. */
  readonly unbounded = new Set<number>();
  failures = 0;
  diskWrites = 0;

  constructor() {
    this.engine.store.halting = true;
  }

  async write(count: number, key: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const seq = this.engine.write(`key${(key + i) % 10}`);
      if (seq !== this.engine.history.length) throw new Error(`write ${this.engine.history.length} got seq ${seq}`);
      if (this.engine.writes.acknowledge(seq)) this.#acknowledge(seq);
      else this.engine.writes.whenAcknowledged(seq, () => this.#acknowledge(seq));
    }
  }

  #acknowledge(seq: number): void {
    this.acknowledged.push(seq);
    if (this.engine.writes.status().store === 'failing') this.unbounded.add(seq);
    else this.check();
  }

  async writeToDisk(key: number): Promise<void> {
    const seq = this.engine.write(`key${key}`);
    this.diskWrites++;
    this.engine.writes.whenDurable(seq, (reached) => {
      if (!reached || this.engine.store.state.seq < seq) throw new Error(`${seq} is not on disk`);
    });
  }

  async drain(): Promise<void> {
    this.engine.writes.drain();
  }

  async step(): Promise<void> {
    this.engine.store.go();
  }

  /** From now on a raise of the ceiling takes longer than anyone blocks for it; or no longer does. */
  async slow(on: number): Promise<void> {
    this.engine.store.slow = on === 1;
  }

  async quiet(): Promise<void> {
    this.engine.clock.ms += QUIET_MS;
  }

  /** Once a run, as the engine then waits before it tries again. */
  async fail(): Promise<void> {
    if (this.engine.store.haltedAt === undefined || this.failures === 1) return;
    this.failures++;
    this.engine.store.go(new Error('I/O error'));
    await settled();
    if (this.engine.storeChanges.length !== 1) throw new Error('nobody was told');
  }

  async retry(): Promise<void> {
    if (this.engine.writes.status().store === 'failing') await until('a retry', () => this.engine.store.haltedAt !== undefined);
  }

  /** What a crash at this instant would leave. */
  check(): void {
    const { seq, ceilingSeq } = this.engine.store.state;
    const lost = this.acknowledged.filter((each) => each > seq && !this.unbounded.has(each));
    if (lost.length > ceilingSeq - seq) throw new Error(`${lost.length} are lost, and only ${ceilingSeq - seq} are admitted`);
    if (lost.some((each) => each > ceilingSeq))
      throw new Error(`${lost.at(-1)} would be used again: the ceiling is ${ceilingSeq}`);
    if (this.engine.writes.status().durableSeq > seq) throw new Error('less is durable than is said');
    const values = new Map<string, number>();
    for (const write of this.engine.history) if (write.seq <= seq) values.set(write.key, write.value);
    for (const key of this.engine.entries.keys()) {
      if (this.engine.stored(key) !== values.get(key)) {
        throw new Error(`${key} is ${this.engine.stored(key)} on disk, and was ${values.get(key)} at seq ${seq}`);
      }
    }
  }

  /** At rest the bound holds for whatever was acknowledged while the store failed, too. */
  async rest(): Promise<void> {
    await this.retry();
    for (;;) {
      await settled();
      if (this.engine.store.haltedAt === undefined) break;
      this.engine.store.go();
    }
    if (this.engine.writes.status().store !== 'ok') throw new Error('the store works and counts as failing');
    this.unbounded.clear();
    this.check();
  }

  async finish(): Promise<void> {
    this.engine.store.halting = false;
    this.engine.store.go();
    if (!(await this.engine.writes.stop(Number.POSITIVE_INFINITY))) throw new Error('the stop lost something');
    this.unbounded.clear();
    this.check();
    if (this.engine.store.state.seq !== this.engine.history.length) throw new Error('some writes are not on disk');
    if (this.acknowledged.length + this.diskWrites !== this.engine.history.length) throw new Error('somebody was not answered');
  }
}

test('a crash at any instant loses no more acknowledged writes than the store admits', async (t) => {
  const key = fc.nat(9);
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('write' as const), fc.integer({ min: 1, max: 5 }), key) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('write' as const), fc.constantFrom(900, 1_024, 1_500), key) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('writeToDisk' as const), key) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('drain' as const)) },
    { weight: 8, arbitrary: fc.tuple(fc.constant('step' as const)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('slow' as const), fc.nat(1)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('fail' as const)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('retry' as const)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('quiet' as const)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('rest' as const)) },
  );
  await holdsAsync(
    t,
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 60, size: 'max' }), async (operations) => {
      const run = new Run();
      try {
        for (const [name, ...parameters] of operations) {
          await (run[name] as (...parameters: number[]) => Promise<void>).apply(run, parameters as number[]);
          await settled();
          run.check();
        }
        await run.rest();
      } finally {
        await run.finish();
      }
    }),
    60,
  );
});

test('whoever asks while the last commit comes to its end is not forgotten', async (t) => {
  // How many steps of promises lie between a commit's answer and its end is nobody's business: each is tried.
  for (let steps = 0; steps < 20; steps++) {
    const engine = engineOf(t);
    await engine.durable(engine.write('a'));
    for (let step = 0; step < steps; step++) await Promise.resolve();
    t.equal(await engine.durable(engine.write('a')), true, `after ${steps} steps`);
  }
});

test('every drain is reported when it is on disk, and every one that came to nothing', async (t) => {
  const reports: (DrainReport | DrainFailure)[] = [];
  const engine = engineOf(t, { onDrain: (drain) => reports.push(drain) });
  const seq = engine.write('a');
  engine.write('b');
  engine.write('a');
  await engine.durable(seq);
  t.match(reports, [{ at: Date, rows: 2, ms: 0 }]);
  t.equal(reports.length, 1);
  t.equal(reports[0], engine.writes.status().lastDrain);
  engine.store.failure = new Error('the disk is full');
  const failed = engine.durable(engine.write('c'));
  await until('it was tried', () => reports.length > 1);
  t.match(reports[1], { error: { message: 'the disk is full' }, ms: 0 });
  engine.store.failure = undefined;
  t.equal(await failed, true);
  t.match(reports.at(-1), { rows: 1 });
});

test('a raise of the ceiling alone is no drain', async (t) => {
  const reports: (DrainReport | DrainFailure)[] = [];
  const store = new MemoryStore();
  store.slow = true;
  const engine = engineOf(t, { store, onDrain: (drain) => reports.push(drain) });
  await engine.acknowledged(engine.write('a'));
  t.ok(store.commits.length > 0, 'something was committed');
  t.equal(store.commits[0]?.rows, 0);
  t.same(reports, []);
});
