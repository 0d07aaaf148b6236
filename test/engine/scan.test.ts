import fc from 'fast-check';
import { test } from 'tap';
import { KeyOrder } from '../../dist/engine/key-order.js';
import { Registry } from '../../dist/engine/registry.js';
import { Scans } from '../../dist/engine/scan.js';
import { Slices } from '../../dist/engine/slices.js';
import { holdsAsync } from '../property.js';
import { Turns } from '../turns.js';

interface Entry {
  readonly key: string;
  value: number | undefined;
}

interface Scanned {
  /** What was there at the moment of the call. */
  readonly expected: Map<string, number>;
  readonly visits: [string, number][];
  /** What was removed since. */
  readonly removed: Set<string>;
  isDone: boolean;
}

/** Values that change while they are scanned, and beside each scan a copy made at its instant. */
class Model {
  readonly turns = new Turns();
  readonly registry = new Registry<Entry>(1_000_000);
  readonly order: KeyOrder<Entry>;
  readonly scans: Scans<Entry, number>;
  readonly entries = new Map<string, Entry>();
  readonly scanned: Scanned[] = [];

  constructor(entries = 0, sliceMs = 1) {
    const slices = new Slices({ sliceMs, nowMs: this.turns.nowMs, turn: this.turns.turn });
    this.order = new KeyOrder(this.registry, slices);
    this.scans = new Scans(this.order, ({ value }) => value, slices);
    this.set(0, entries, 1);
  }

  /** Gives a run of keys a value, new ones where they are not there. */
  set(from: number, count: number, value: number | undefined): void {
    for (let number = from; number < from + count; number++) {
      const key = `${number}`;
      const entry = this.entries.get(key);
      if (entry === undefined) this.#add({ key, value });
      else {
        this.scans.changing(entry);
        entry.value = value;
      }
    }
  }

  /** Entries that are there and count as not there. */
  unset(from: number, count: number): void {
    this.set(from, count, undefined);
  }

  #add(entry: Entry): void {
    this.scans.adding(entry);
    this.entries.set(entry.key, entry);
    this.registry.add(entry);
    this.order.added(entry);
  }

  remove(from: number, count: number): void {
    for (let number = from; number < from + count; number++) {
      const entry = this.entries.get(`${number}`);
      if (entry === undefined) continue;
      this.scans.changing(entry);
      this.entries.delete(entry.key);
      this.registry.delete(entry.key);
      this.order.removed(entry);
      for (const { removed } of this.scanned) removed.add(entry.key);
    }
  }

  scan(prefixNumber: number, onVisit = () => {}): Scanned {
    // One in two scans is of everything.
    const prefix = prefixNumber % 2 === 0 ? '' : `${prefixNumber}`;
    const expected = new Map<string, number>();
    for (const { key, value } of this.entries.values()) {
      if (value !== undefined && key.startsWith(prefix)) expected.set(key, value);
    }
    const scanned: Scanned = { expected, visits: [], removed: new Set(), isDone: false };
    this.scanned.push(scanned);
    const visit = (key: string, value: number) => {
      scanned.visits.push([key, value]);
      onVisit();
    };
    this.scans.scan(prefix, visit).then(() => {
      scanned.isDone = true;
    });
    return scanned;
  }

  async turn(): Promise<void> {
    await this.turns.pass();
  }

  async finish(): Promise<void> {
    await this.turns.passAll();
    for (const scanned of this.scanned) Model.check(scanned);
  }

  static check({ expected, visits, removed, isDone }: Scanned): void {
    if (!isDone) throw new Error('a scan has not ended');
    const seen = new Map(visits);
    if (seen.size !== visits.length) throw new Error('an entry was visited twice');
    for (const [key, value] of expected) {
      if (seen.get(key) !== value) throw new Error(`${key} was seen as ${seen.get(key)}, and was ${value}`);
    }
    if (seen.size !== expected.size) throw new Error(`${seen.size} entries were visited, and ${expected.size} were there`);
    const keys = visits.map(([key]) => key).filter((key) => !removed.has(key));
    if (keys.some((key, i) => i > 0 && key < (keys[i - 1] as string))) throw new Error('the visits were not in order');
  }
}

/** Several pages of a scan, and more than one block of the order. */
const KEYS = 900;

test('whatever changes, comes and goes between its slices, a scan sees one instant', async (t) => {
  const number = fc.nat(KEYS);
  const count = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.nat(KEYS / 2));
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), number, count, fc.integer({ min: 2, max: 1_000 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('unset' as const), number, count) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), number, count) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('scan' as const), fc.nat(9)) },
    { weight: 10, arbitrary: fc.tuple(fc.constant('turn' as const)) },
  );
  await holdsAsync(
    t,
    fc.asyncProperty(
      fc.nat(KEYS),
      fc.integer({ min: 1, max: 3 }),
      fc.array(operation, { minLength: 10, maxLength: 60, size: 'max' }),
      async (entries, sliceMs, operations) => {
        const model = new Model(entries, sliceMs);
        for (const [name, ...parameters] of operations) {
          await (model[name] as (...parameters: number[]) => unknown).apply(model, parameters);
        }
        await model.finish();
      },
    ),
    300,
  );
});

test('the instant is the moment of the call, also where the order is still to be built', async (t) => {
  const model = new Model(500);
  const scanned = model.scan(0);
  model.set(0, 500, 2);
  model.remove(100, 100);
  model.set(1_000, 100, 3);
  await model.finish();
  t.equal(scanned.visits.length, 500);
  t.ok(scanned.visits.every(([, value]) => value === 1));
});

test('what a visitor changes is seen as it was', async (t) => {
  const model = new Model(500);
  let visits = 0;
  const scanned = model.scan(0, () => {
    visits++;
    model.set(0, 700, visits);
    if (visits === 200) model.remove(0, 400);
  });
  await model.finish();
  t.equal(scanned.visits.length, 500);
});

test('entries that are removed before they are reached come last', async (t) => {
  const model = new Model();
  model.set(10, 5, 1);
  const scanned = model.scan(0);
  model.remove(11, 2);
  model.set(12, 1, 2);
  await model.finish();
  t.same(
    scanned.visits.map(([key]) => key),
    ['10', '12', '13', '14', '11'],
    'and one that came back comes where it stands',
  );
});

test('a scan ends, however fast keys come behind the last one', async (t) => {
  const model = new Model(1_000);
  await Promise.all([model.order.ready(), model.turns.passAll()]);
  const scanned = model.scan(0);
  model.remove(0, 1_000);
  let turns = 0;
  for (; !scanned.isDone && turns < 100; turns++) {
    model.set(9_000_000 + 100 * turns, 100, 2);
    await model.turn();
  }
  t.ok(turns < 40, `${turns} turns for 1000 entries, with time for 64 in each`);
  await model.finish();
});

test('a scan is done in slices, and several of them get one a turn between them', async (t) => {
  const model = new Model(600);
  const [first, second] = [model.scan(0), model.scan(0)];
  // The build of the order comes before.
  while (first.visits.length === 0) await model.turn();
  t.equal(second.visits.length, 0);
  let turns = 0;
  for (; !second.isDone; turns++) {
    const before = first.visits.length + second.visits.length;
    await model.turn();
    const visits = first.visits.length + second.visits.length - before;
    t.ok(visits <= 128, `${visits} visits in a turn, with time for 128`);
  }
  t.ok(turns >= 8, `${turns} turns`);
  await model.finish();
});

test('nothing is read of an entry that changes while no scan runs', async (t) => {
  let reads = 0;
  const registry = new Registry<Entry>(10);
  const scans = new Scans(new KeyOrder(registry), (entry: Entry) => {
    reads++;
    return entry.value;
  });
  const entry = { key: 'a', value: 1 };
  scans.adding(entry);
  registry.add(entry);
  scans.changing(entry);
  t.equal(reads, 0);
  await scans.scan('', () => {});
  t.equal(reads, 1);
  scans.changing(entry);
  t.equal(reads, 1, 'after the scan it is as before');
});

test('a value is put aside once, where a scan of its prefix has not reached it', async (t) => {
  const reads: string[] = [];
  const registry = new Registry<Entry>(10);
  const turns = new Turns();
  const slices = new Slices({ sliceMs: 1, nowMs: turns.nowMs, turn: turns.turn });
  const scans = new Scans(new KeyOrder(registry, slices), (entry: Entry) => entry.value, slices);
  for (const key of ['a1', 'a2', 'b1']) registry.add({ key, value: 1 });
  const change = (key: string, value: number) => {
    const entry = registry.get(key) as Entry;
    scans.changing(entry);
    entry.value = value;
  };
  const scan = scans.scan('a', (key, value) => {
    reads.push(`${key}=${value}`);
    change('a1', 7);
  });
  change('a2', 2);
  change('a2', 3);
  change('b1', 2);
  await turns.passAll();
  await scan;
  t.same(reads, ['a1=1', 'a2=1']);
});

test('a visitor that throws ends its own scan and no other', async (t) => {
  const model = new Model(300);
  let visits = 0;
  const failing = model.scans.scan('', () => {
    if (++visits === 100) throw new Error('the reader is gone');
  });
  const failed = t.rejects(failing, { message: 'the reader is gone' });
  const other = model.scan(0);
  await model.finish();
  await failed;
  t.equal(visits, 100);
  t.equal(other.visits.length, 300);
});
