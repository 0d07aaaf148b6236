import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { mayBe, textOf } from './counter-model.js';
import type { Fault, Operation } from './fault-disk.js';
import { OPERATIONS } from './fault-disk.js';
import { readImage } from './image.js';
import { Ledger } from './ledger.js';
import { Random } from './random.js';
import { TornDisk } from './torn-disk.js';
import { Victim } from './victim.js';
import { Witness } from './witness.js';

const { EIO, ENOSPC } = constants.errno;
const KEYS = ['a', 'b', 'c'];
const TRANSFER = [
  { key: 'from', by: -7 },
  { key: 'to', by: 7 },
];
const DISK_TIMEOUT_MS = 200;
const ARGS = ['--sync-interval', '50ms', '--disk-timeout', `${DISK_TIMEOUT_MS}ms`];
const IMAGES = 40;
const COMMITS_PER_CHECKPOINT_MIN = 20;

/** A server on a disk that can fail. When the test ends, what crashes at any instant would have left is judged. */
class Trial {
  readonly disk: TornDisk;
  readonly ledger = new Ledger();
  readonly #t: Test;
  #victim: Victim | undefined;
  #witness: Witness | undefined;
  #scenarios = 0;

  constructor(t: Test) {
    this.#t = t;
    const random = new Random(Random.seedFrom(process.env));
    t.comment(`TORTURE_SEED=${random.seed}`);
    this.disk = new TornDisk(random, IMAGES);
    this.disk.begin();
    t.teardown(async () => {
      if (this.#victim?.hasExited === false) await this.#victim.end();
      this.disk.end();
    });
  }

  async start(): Promise<Witness> {
    this.#victim = new Victim(this.disk.db, ARGS, this.disk.env);
    await this.#victim.serves();
    this.#witness = new Witness(this.#victim, this.ledger, DISK_TIMEOUT_MS);
    return this.#witness;
  }

  get witness(): Witness {
    if (this.#witness === undefined) throw new Error('it was not started');
    return this.#witness;
  }

  /** A few drains, of writes of every kind: counters, windows and sources come, go and come again. */
  async scenario(): Promise<void> {
    const { witness } = this;
    const total = ++this.#scenarios;
    const window = { type: 'increment', key: 'window', by: 1, ttl: 3_600 } as const;
    const report = { type: 'report', key: 'reported', source: 'a', total, decrements: 0 } as const;
    await Promise.all([
      witness.write('a', 'memory'),
      witness.write('b', 'disk'),
      witness.do(window, 'memory'),
      witness.do(report, 'disk'),
    ]);
    await Promise.all([
      witness.write('a', 'memory'),
      witness.do({ type: 'set', key: 'b', value: total }, 'memory'),
      witness.do({ type: 'delete', key: 'window' }, 'disk'),
      witness.do({ type: 'delete', key: 'reported' }, 'memory'),
      witness.do({ type: 'batch', items: TRANSFER }, 'disk'),
    ]);
    await Promise.all([
      witness.do({ type: 'delete', key: 'a' }, 'memory'),
      witness.write('c', 'memory'),
      witness.do(window, 'memory'),
      witness.do({ ...report, source: 'b' }, 'memory'),
      witness.do({ type: 'batch', items: TRANSFER }, 'memory'),
    ]);
    await witness.drain();
  }

  /** Waits until the server works again, and compares its file with what was counted. */
  async recover(what: string): Promise<void> {
    this.disk.faults.lift();
    await this.witness.recovered();
    this.#compare(what);
  }

  #compare(what: string): void {
    const { integrity, counters, orphans } = readImage(this.disk.db);
    const { violations, counters: counted } = this.witness;
    if (integrity !== 'ok') violations.push(`${what}: ${integrity}`);
    if (orphans.length > 0) violations.push(`${what}: ${orphans}`);
    if (!mayBe(counted, counters, 0))
      violations.push(`${what}: on disk is ${textOf(counters)}, and counted was ${textOf(counted)}`);
  }

  /** The server is stopped, and everything is there; and what was on disk was there at every instant. */
  async finish(): Promise<void> {
    this.#t.equal(await this.#victim?.end('SIGTERM'), 0, 'the server stops with everything on disk');
    for (const [image, crashMs] of this.disk.otherCrashes()) {
      this.witness.violations.push(
        ...this.ledger.judge(image, crashMs, true).violations.map((fault) => `at ${crashMs}: ${fault}`),
      );
    }
    this.disk.crash();
    this.witness.violations.push(...this.ledger.settle(readImage(this.disk.db)).violations);
    this.#compare('stopped');
    this.#t.same(this.witness.violations, []);
    this.#t.comment(`${this.witness.acknowledged} writes acknowledged, ${this.witness.refused} answered 503`);
  }
}

/** The faults that an operation has in turn. */
const KINDS: readonly Pick<Fault, 'error' | 'isTorn'>[] = [{ error: EIO }, { error: ENOSPC, isTorn: true }, { error: ENOSPC }];

test('whichever operation of a drain fails, the server goes on and nothing is lost or counted twice', {
  timeout: 180_000,
}, async (t) => {
  const trial = new Trial(t);
  await trial.start();
  const failed = new Set<Operation>();
  let n = 0;
  for (let isReached = true; isReached; n++) {
    trial.disk.faults.fail({
      operations: OPERATIONS,
      after: n,
      count: 1,
      ...(KINDS[n % KINDS.length] as (typeof KINDS)[number]),
    });
    await trial.scenario();
    isReached = trial.disk.faults.failed > 0;
    for (const operation of trial.disk.faults.operationsFailed) failed.add(operation);
    await trial.recover(`operation ${n}`);
  }
  t.ok(n > 20, `${n - 1} operations failed`);
  t.ok(failed.has('write') && failed.has('sync'), [...failed].join(', '));
  await trial.finish();
});

test('whichever operation of a checkpoint fails, nothing is lost or counted twice', { timeout: 180_000 }, async (t) => {
  const trial = new Trial(t);
  await trial.start();
  const failed = new Set<Operation>();
  let n = 0;
  for (let isReached = true; isReached; n++) {
    trial.disk.faults.fail({ operations: OPERATIONS, after: n, count: n % 2 === 0 ? 1 : 3, error: EIO, isMainOnly: true });
    // A checkpoint comes after some hundred commits, and when it has failed, with the next one.
    for (let done = 0; trial.disk.faults.failed === 0 && done < COMMITS_PER_CHECKPOINT_MIN; ) {
      await Promise.all([trial.witness.write('a', 'memory'), trial.witness.write('b', 'disk', false)]);
      if (trial.disk.faults.seen > 0) done++;
    }
    isReached = trial.disk.faults.failed > 0;
    for (const operation of trial.disk.faults.operationsFailed) failed.add(operation);
    await trial.recover(`operation ${n}`);
  }
  t.ok(n > 3, `${n - 1} operations failed: ${[...failed].join(', ')}`);
  t.equal(trial.witness.refused, 0, 'what is in the log is on disk');
  await trial.finish();
});

const OUTAGES: readonly (readonly [what: string, fault: Omit<Fault, 'count'>])[] = [
  ['the disk is full', { operations: ['write'], after: 0, error: ENOSPC }],
  ['the disk is full after some writes', { operations: ['write'], after: 5, error: ENOSPC, isTorn: true }],
  ['writes fail', { operations: ['write'], after: 0, error: EIO }],
  ['syncs fail', { operations: ['sync'], after: 0, error: EIO }],
  ['syncs fail after one', { operations: ['sync'], after: 1, error: EIO }],
  ['everything fails', { operations: OPERATIONS, after: 3, error: EIO }],
  ['writes hang', { operations: ['write'], after: 2, error: 0, stallMs: 60_000 }],
  ['syncs hang', { operations: ['sync'], after: 0, error: 0, stallMs: 60_000 }],
  ['syncs hang and then fail', { operations: ['sync'], after: 0, error: EIO, stallMs: 60_000 }],
];

for (const [what, fault] of OUTAGES) {
  test(`while ${what}, memory writes go on and disk writes get 503, and afterwards all is there`, {
    timeout: 60_000,
  }, async (t) => {
    const trial = new Trial(t);
    const witness = await trial.start();
    await trial.scenario();
    t.equal(witness.refused, 0);
    trial.disk.faults.fail({ ...fault, count: -1 });
    await trial.scenario();
    t.ok(witness.refused > 0, `${witness.refused} writes to disk were answered 503`);
    for (let i = 0; await witness.isReady(); i++) {
      if (i === 100) throw new Error('it stays ready');
      await delay(50);
    }
    await Promise.all(KEYS.map((key) => witness.write(key, 'memory')));
    t.notOk(await witness.isReady(), 'it is not ready');
    await trial.recover(what);
    t.ok(await witness.isReady(), 'it is ready again');
    await trial.scenario();
    await trial.recover(what);
    await trial.finish();
  });
}
