import fc from 'fast-check';
import { test } from 'tap';
import { CLEAN, type Dirtyable, WriteQueue } from '../../dist/engine/write-queue.js';
import type { Slice } from '../../dist/store/store.js';
import { Deletion, type Table } from '../../dist/store/table.js';
import { holds } from '../property.js';

const TABLE: Table = {
  name: 'numbers',
  columns: [
    { name: 'key', type: 'text' },
    { name: 'value', type: 'integer' },
  ],
  key: ['key'],
};

class Entry implements Dirtyable {
  dirtyIn = CLEAN;
  value = 0;
  constructor(readonly key: string) {}
}

function queueOf(capacity: number, onHighWater = () => {}) {
  return new WriteQueue<Entry>({ table: TABLE, change: (entry) => [entry.key, entry.value], capacity, onHighWater });
}

function rowsOf({ length, columns }: Slice): [string, number][] {
  return Array.from({ length }, (_, row) => [columns[0]?.[row] as string, columns[1]?.[row] as number]);
}

function drain(queue: WriteQueue<Entry>): [string, number][] {
  const rows: [string, number][] = [];
  queue.snapshot();
  for (let slice = queue.next(3); slice !== undefined; slice = queue.next(3)) rows.push(...rowsOf(slice));
  while (queue.release(3));
  return rows;
}

/**
 * The queue as a list that is copied whole. The order of calls is the engine's: a batch is taken
 * slice by slice to its end and then released bit by bit, or abandoned anywhere before that.
 * Changes come in between, anywhere.
 */
class Model {
  readonly capacity: number;
  readonly queue: WriteQueue<Entry>;
  readonly entries: Entry[];
  queued: Entry[] = [];
  phase: 'idle' | 'copying' | 'releasing' = 'idle';
  /** Rows at the instant of the snapshot, and those that were handed out so far. */
  expected: [string, number][] = [];
  rows: [string, number][] = [];
  batch: Entry[] = [];
  changedSince = new Set<Entry>();
  readonly stored = new Map<string, number>();

  constructor(capacity: number, entries: number) {
    this.capacity = capacity;
    this.queue = queueOf(capacity);
    this.entries = Array.from({ length: entries }, (_, number) => new Entry(`key${number}`));
  }

  change(number: number, by: number): void {
    const entry = this.entries[number % this.entries.length] as Entry;
    const fits = this.queued.includes(entry) || this.queued.length < this.capacity;
    if (this.queue.admit(entry) !== fits) throw new Error(`admit(${entry.key}) should be ${fits}`);
    if (!fits) return;
    entry.value += by;
    this.changedSince.add(entry);
    if (!this.queued.includes(entry)) this.queued.push(entry);
  }

  snapshot(): void {
    if (this.phase !== 'idle') return;
    this.queue.snapshot();
    this.phase = 'copying';
    this.batch = [...this.queued];
    this.expected = this.queued.map(({ key, value }) => [key, value]);
    this.rows = [];
    this.changedSince.clear();
  }

  next(rowsMax: number): void {
    if (this.phase !== 'copying') return;
    const slice = this.queue.next(rowsMax);
    if (slice !== undefined) {
      if (slice.length < 1 || slice.length > rowsMax) throw new Error(`a slice of ${slice.length} rows`);
      this.rows.push(...rowsOf(slice));
      return;
    }
    if (JSON.stringify(this.rows) !== JSON.stringify(this.expected)) {
      throw new Error(`the batch is ${JSON.stringify(this.rows)} and was ${JSON.stringify(this.expected)} at its instant`);
    }
    for (const [key, value] of this.rows) this.stored.set(key, value);
    this.phase = 'releasing';
  }

  release(max: number): void {
    if (this.phase !== 'releasing') return;
    const left = this.queue.release(max);
    for (const entry of this.batch.splice(0, max)) {
      this.queued.shift();
      if (this.changedSince.has(entry)) this.queued.push(entry);
    }
    if (left !== this.batch.length > 0) throw new Error('release does not know whether some are left');
    if (!left) this.phase = 'idle';
  }

  abandon(): void {
    if (this.phase !== 'copying') return;
    this.queue.abandon();
    this.phase = 'idle';
  }

  check(): void {
    if (this.queue.count !== this.queued.length) throw new Error(`count is ${this.queue.count}, not ${this.queued.length}`);
    for (const entry of this.entries) {
      const dirty = entry.dirtyIn !== CLEAN;
      if (dirty !== this.queued.includes(entry)) throw new Error(`${entry.key} is ${dirty ? 'dirty' : 'clean'}`);
    }
  }

  /** Ends the batch that is under way and writes what is left: the store must have caught up. */
  finish(): void {
    while (this.phase === 'copying') this.next(100);
    while (this.phase === 'releasing') this.release(100);
    for (const [key, value] of drain(this.queue)) this.stored.set(key, value);
    for (const { key, value } of this.entries) {
      if ((this.stored.get(key) ?? 0) !== value) throw new Error(`${key} is lost: ${this.stored.get(key)}, not ${value}`);
    }
    if (this.queue.count !== 0) throw new Error('the queue is not empty');
  }
}

test('whatever happens in between, a batch is one instant and nothing that changed is lost', async (t) => {
  const size = fc.integer({ min: 1, max: 4 });
  const operation = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constant('change' as const), fc.nat(20), fc.integer({ min: 1, max: 9 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('snapshot' as const)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('next' as const), size) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('release' as const), size) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('abandon' as const)) },
  );
  holds(
    t,
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 10 }),
      fc.array(operation, { minLength: 1, maxLength: 150, size: 'max' }),
      (capacity, entries, operations) => {
        const model = new Model(capacity, entries);
        for (const [name, ...parameters] of operations) {
          (model[name] as (...parameters: number[]) => void).apply(model, parameters as number[]);
          model.check();
        }
        model.finish();
      },
    ),
    2_000,
  );
});

test('an entry stands in the queue once, however often it changes', async (t) => {
  const queue = queueOf(10);
  const entry = new Entry('a');
  for (let i = 0; i < 5; i++) {
    t.equal(queue.admit(entry), true);
    entry.value++;
  }
  t.equal(queue.count, 1);
  t.same(drain(queue), [['a', 5]]);
  t.equal(queue.count, 0);
  t.equal(entry.dirtyIn, CLEAN);
  t.same(drain(queue), [], 'what did not change since is not written again');
});

test('a full queue refuses an entry that is not in it, and takes one that is', async (t) => {
  const queue = queueOf(2);
  const [a, b, c] = [new Entry('a'), new Entry('b'), new Entry('c')];
  t.equal(queue.admit(a), true);
  t.equal(queue.admit(b), true);
  t.equal(queue.admit(c), false);
  t.equal(c.dirtyIn, CLEAN);
  t.equal(queue.admit(a), true);
  drain(queue);
  t.equal(queue.admit(c), true);
});

test('an entry that changes during a drain is written as it was, and again in the next', async (t) => {
  const queue = queueOf(10);
  const [a, b] = [new Entry('a'), new Entry('b')];
  for (const entry of [a, b]) {
    queue.admit(entry);
    entry.value = 1;
  }
  queue.snapshot();
  t.same(rowsOf(queue.next(1) as Slice), [['a', 1]]);
  for (const entry of [a, b]) {
    queue.admit(entry);
    entry.value = 2;
  }
  t.same(rowsOf(queue.next(1) as Slice), [['b', 1]]);
  t.equal(queue.next(1), undefined);
  t.equal(queue.release(10), false);
  t.equal(queue.count, 2);
  t.same(drain(queue), [
    ['a', 2],
    ['b', 2],
  ]);
});

test('it calls for a drain when it is half full, and for every entry from then on', async (t) => {
  let calls = 0;
  const queue = queueOf(6, () => calls++);
  const entries = Array.from({ length: 6 }, (_, number) => new Entry(`key${number}`));
  for (const entry of entries.slice(0, 2)) queue.admit(entry);
  t.equal(calls, 0);
  for (const entry of entries.slice(2, 4)) queue.admit(entry);
  t.equal(calls, 2);
  // All four change while they are drained: the queue stays more than half full.
  queue.snapshot();
  queue.next(10);
  for (const entry of entries.slice(0, 4)) queue.admit(entry);
  queue.release(10);
  t.equal(queue.count, 4);
  calls = 0;
  queue.admit(entries[4] as Entry);
  t.equal(calls, 1, 'it does not wait for the timer');
});

test('an entry can be written as the deletion of its row', async (t) => {
  const queue = new WriteQueue<Entry>({
    table: TABLE,
    change: ({ key, value }) => (value < 0 ? new Deletion([key]) : [key, value]),
    capacity: 10,
    onHighWater: () => {},
  });
  const entries = ['a', 'b', 'c'].map((key) => new Entry(key));
  for (const [number, entry] of entries.entries()) {
    queue.admit(entry);
    entry.value = number === 1 ? -1 : number;
  }
  queue.snapshot();
  // What it was at the snapshot is what counts, for a deletion as well.
  queue.admit(entries[1] as Entry);
  (entries[1] as Entry).value = 9;
  const slice = queue.next(10) as Slice;
  t.same(rowsOf(slice), [
    ['a', 0],
    ['c', 2],
  ]);
  t.same(slice.deleted, { length: 1, columns: [['b']] });
  queue.release(10);
  t.same(drain(queue), [['b', 9]]);
});

test('an entry is reported clean once it is on disk, unless it has changed since', async (t) => {
  const clean: string[] = [];
  const queue = new WriteQueue<Entry>({
    table: TABLE,
    change: ({ key, value }) => [key, value],
    onClean: ({ key }) => clean.push(key),
    capacity: 10,
    onHighWater: () => {},
  });
  const [a, b] = [new Entry('a'), new Entry('b')];
  queue.admit(a);
  queue.admit(b);
  queue.snapshot();
  queue.next(10);
  queue.admit(b);
  t.same(clean, []);
  queue.release(10);
  t.same(clean, ['a']);
  drain(queue);
  t.same(clean, ['a', 'b']);
});
