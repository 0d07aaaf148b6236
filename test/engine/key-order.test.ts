import fc from 'fast-check';
import { test } from 'tap';
import { KeyBlock } from '../../dist/engine/key-block.js';
import { KeyOrder } from '../../dist/engine/key-order.js';
import { Registry } from '../../dist/engine/registry.js';
import { Slices } from '../../dist/engine/slices.js';
import { holdsAsync } from '../property.js';
import { Turns } from '../turns.js';

interface Entry {
  readonly key: string;
}

/** Where the order of code units is not that of code points, of the alphabet or of numbers. */
const AWKWARD = [
  '',
  '\0',
  'k',
  'k\0',
  'K',
  'k\uffff',
  '\uffff',
  '👍',
  '\ud83d',
  '\ude00',
  'é',
  'e\u0301',
  '__proto__',
  'k10',
  'k9',
];

/** A few numbers give keys that are awkward, many give keys that are near each other. */
function keyOf(number: number): string {
  return AWKWARD[number] ?? `k${number}`;
}

/** A registry with its order, and beside it a plain Map. */
class Model {
  readonly turns = new Turns();
  readonly registry = new Registry<Entry>(1_000_000);
  readonly order: KeyOrder<Entry>;
  readonly entries = new Map<string, Entry>();
  builds = 0;
  isReady = false;

  constructor(entries = 0, sliceMs = 1) {
    this.order = new KeyOrder(this.registry, new Slices({ sliceMs, nowMs: this.turns.nowMs, turn: this.turns.turn }));
    this.add(0, entries);
  }

  /** Adds a run of keys, those that are not there. */
  add(from: number, count: number): void {
    for (let number = from; number < from + count; number++) {
      const entry = { key: keyOf(number) };
      if (this.entries.has(entry.key)) continue;
      this.entries.set(entry.key, entry);
      this.registry.add(entry);
      this.order.added(entry);
    }
  }

  /** Removes a run of keys, those that are there. */
  remove(from: number, count: number): void {
    for (let number = from; number < from + count; number++) {
      const entry = this.entries.get(keyOf(number));
      if (entry === undefined) continue;
      this.entries.delete(entry.key);
      this.registry.delete(entry.key);
      this.order.removed(entry);
    }
  }

  /** Takes an entry out and puts it back in the same turn: as the same one, not a new one. */
  return(number: number): void {
    const entry = this.entries.get(keyOf(number));
    if (entry === undefined) return;
    this.registry.delete(entry.key);
    this.order.removed(entry);
    this.registry.add(entry);
    this.order.added(entry);
  }

  ask(): void {
    this.order.ready().then(() => {
      this.isReady = true;
    });
  }

  async turn(): Promise<void> {
    await this.turns.pass();
  }

  async ready(): Promise<void> {
    this.ask();
    await this.turns.passAll();
    if (!this.isReady) throw new Error('the order was not built');
  }

  page(prefixNumber: number, afterNumber: number, limit: number): void {
    if (!this.isReady) return;
    this.check(keyOf(prefixNumber), afterNumber < 0 ? undefined : keyOf(afterNumber), limit);
  }

  check(prefix: string, after: string | undefined, limit: number): void {
    const page = this.order.page(prefix, after, limit);
    const expected = this.expected(prefix, after).slice(0, limit);
    const isRight =
      page.length === expected.length && page.every((entry, i) => entry === this.entries.get(expected[i] as string));
    if (isRight) return;
    const keys = page.map(({ key }) => key);
    throw new Error(`page(${[prefix, after, limit]}) is ${JSON.stringify(keys)}, not ${JSON.stringify(expected)}`);
  }

  expected(prefix: string, after: string | undefined): string[] {
    const keys = [...this.entries.keys()].filter((key) => key.startsWith(prefix) && (after === undefined || key > after));
    // Without a comparison of its own, sort() goes by UTF-16 code units.
    return keys.sort();
  }

  keys(prefix = '', after?: string): string[] {
    return this.order.page(prefix, after, Number.POSITIVE_INFINITY).map(({ key }) => key);
  }
}

/** Enough for several blocks to be split, and to be merged when they go. */
const KEYS = 3_000;

test('whatever comes and goes, before, during and after the build, a page is what a sorted list would give', async (t) => {
  const number = fc.oneof(fc.nat(AWKWARD.length + 5), fc.nat(KEYS));
  const few = fc.integer({ min: 1, max: 3 });
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('add' as const), number, few) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('add' as const), number, fc.nat(KEYS / 2)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('remove' as const), number, few) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('remove' as const), number, fc.nat(KEYS / 2)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('return' as const), number) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('ask' as const)) },
    { weight: 8, arbitrary: fc.tuple(fc.constant('turn' as const)) },
    { weight: 6, arbitrary: fc.tuple(fc.constant('page' as const), number, fc.integer({ min: -1, max: KEYS }), fc.nat(1_500)) },
  );
  await holdsAsync(
    t,
    fc.asyncProperty(
      fc.nat(KEYS),
      fc.integer({ min: 1, max: 4 }),
      fc.array(operation, { minLength: 10, maxLength: 60, size: 'max' }),
      async (entries, sliceMs, operations) => {
        const model = new Model(entries, sliceMs);
        for (const [name, ...parameters] of operations) {
          await (model[name] as (...parameters: number[]) => unknown).apply(model, parameters);
        }
        await model.ready();
        model.check('', undefined, Number.POSITIVE_INFINITY);
      },
    ),
    200,
  );
});

test('keys are in the order of their code units, a prefix with what begins with it', async (t) => {
  const model = new Model(AWKWARD.length);
  await model.ready();
  t.same(model.keys(), [...AWKWARD].sort());
  t.same(model.keys('k'), ['k', 'k\0', 'k10', 'k9', 'k\uffff']);
  t.same(model.keys('\ud83d'), ['\ud83d', '👍'], 'half a character is a prefix as well');
  t.same(model.keys('none'), []);
});

test('a page begins after the given key, be it there or not, and inside the prefix', async (t) => {
  const model = new Model();
  model.add(100, 10);
  await model.ready();
  t.same(model.keys('k10', 'k107'), ['k108', 'k109']);
  t.same(model.keys('k10', 'k1075'), ['k108', 'k109']);
  t.same(model.keys('k10', 'a').length, 10, 'a key before the prefix leaves out nothing');
  t.same(model.keys('k10', 'z'), [], 'one behind it leaves out everything');
  t.same(
    model.order.page('', 'k107', 1).map(({ key }) => key),
    ['k108'],
  );
  t.same(model.order.page('', undefined, 0), []);
});

test('an order that nobody asked for is not kept, and gives no page', async (t) => {
  const model = new Model(10);
  t.equal(await model.turns.passAll(), 0);
  t.throws(() => model.order.page('', undefined, 1), { message: /not built/ });
});

test('it is built in slices, once for all who ask', async (t) => {
  const model = new Model(1_000);
  let visits = 0;
  const { registry } = model;
  const entries = registry.entries.bind(registry);
  registry.entries = function* () {
    visits++;
    yield* entries();
  };
  const asked = Promise.all([model.order.ready(), model.order.ready()]);
  const turns = await model.turns.passAll();
  await asked;
  t.ok(turns > 10, `${turns} turns for 1000 keys, with time for 64 in each`);
  await model.order.ready();
  t.equal(await model.turns.passAll(), 0, 'who asks later waits for nothing');
  t.equal(visits, 1);
  t.equal(model.keys().length, 1_000);
});

test('an order of a hundred thousand keys stays right when nearly all of them go', async (t) => {
  const model = new Model();
  await model.ready();
  model.add(0, 100_000);
  model.check('', undefined, Number.POSITIVE_INFINITY);
  for (let number = 0; number < 100_000; number++) if (number % 1_000 !== 7) model.remove(number, 1);
  t.equal(model.entries.size, 100);
  model.check('', undefined, Number.POSITIVE_INFINITY);
  model.check('k5', 'k50007', 3);
  model.remove(0, 100_000);
  t.same(model.keys(), []);
  model.add(0, 10);
  model.check('', undefined, 100);
});

/** An entry that counts how often it is looked at. */
class Watched implements Entry {
  static looks = 0;
  readonly #key: string;
  constructor(number: number) {
    this.#key = `k${number}`;
  }
  get key(): string {
    Watched.looks++;
    return this.#key;
  }
}

test('a change or a page looks at a few blocks of entries, however many there are', async (t) => {
  const order = new KeyOrder<Entry>(new Registry(10));
  await order.ready();
  for (let number = 0; number < 100_000; number += 2) order.added(new Watched(number));
  order.page('', undefined, Number.POSITIVE_INFINITY);
  const odd = Array.from({ length: 1_000 }, (_, number) => new Watched(100 * number + 1));

  Watched.looks = 0;
  for (const entry of odd) order.added(entry);
  t.ok(Watched.looks < 100 * odd.length, `${Watched.looks / odd.length} looks for each that is added`);

  Watched.looks = 0;
  order.page('k5', undefined, 100);
  t.ok(Watched.looks < 10_000, `${Watched.looks} looks for a page of 100`);

  Watched.looks = 0;
  for (const entry of odd) order.removed(entry);
  t.ok(Watched.looks < 100 * odd.length, `${Watched.looks / odd.length} looks for each that is removed`);
});

test('what nearly all entries have left is not looked through for the others', async (t) => {
  const model = new Model();
  await model.ready();
  model.add(0, 100_000);
  for (let number = 0; number < 100_000; number++) if (number % 10_000 !== 7) model.remove(number, 1);
  let blocks = 0;
  const { inOrder } = KeyBlock.prototype;
  t.teardown(() => {
    KeyBlock.prototype.inOrder = inOrder;
  });
  KeyBlock.prototype.inOrder = function (this: KeyBlock<Entry>) {
    blocks++;
    return inOrder.call(this) as Entry[];
  };
  t.equal(model.keys().length, 10);
  t.ok(blocks < 10, `${blocks} blocks for 10 keys`);
});
