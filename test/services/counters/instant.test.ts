import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { MemoryStore } from '../../memory-store.js';
import { holdsAsync } from '../../property.js';
import type { Action, Increment } from '../../torture/action.js';
import { act, type Counter, type Totals, textOf, type World } from '../../torture/counter-model.js';
import { limits, Rig } from './rig.js';

const KEYS = ['a', 'b', 'c', 'd'];
const SOURCES = ['s', 't'];

/** What happens: an action; time that passes; a sweep; a turn of the event loop; something to the store. */
type Event =
  | { readonly type: 'action'; readonly action: Action }
  | { readonly type: 'time'; readonly ms: number }
  | { readonly type: 'sweep'; readonly max: number }
  | { readonly type: 'turn' | 'drain' | 'go' | 'fail' };

const key = fc.constantFrom(...KEYS);
const number = fc.integer({ min: -20, max: 20 });
const total = fc.integer({ min: 0, max: 20 });

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant('increment' as const), key, by: number }),
  fc.record({ type: fc.constant('increment' as const), key, by: number, ttl: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant('increment' as const), key, by: number, min: fc.constant(-10), max: fc.constant(10) }),
  fc.record({
    type: fc.constant('increment' as const),
    key,
    by: number,
    max: fc.constant(10),
    saturate: fc.constant(true as const),
  }),
  fc.record({ type: fc.constant('set' as const), key, value: number }),
  fc.record({ type: fc.constant('set' as const), key, value: number, ifValue: number }),
  fc.record({ type: fc.constant('delete' as const), key }),
  fc.record({ type: fc.constant('report' as const), key, source: fc.constantFrom(...SOURCES), total, decrements: total }),
  fc.record({
    type: fc.constant('batch' as const),
    items: fc.array(fc.record({ key, by: number }), { minLength: 1, maxLength: 5 }),
  }),
);

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: action.map((each): Event => ({ type: 'action', action: each })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 2_000 }).map((ms): Event => ({ type: 'time', ms })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((max): Event => ({ type: 'sweep', max })) },
  { weight: 4, arbitrary: fc.constant<Event>({ type: 'turn' }) },
  { weight: 3, arbitrary: fc.constant<Event>({ type: 'drain' }) },
  { weight: 5, arbitrary: fc.constant<Event>({ type: 'go' }) },
  { weight: 1, arbitrary: fc.constant<Event>({ type: 'fail' }) },
);

/** Counters, and beside them a model that remembers what there was after each write. */
class Twins {
  readonly #t: Test;
  readonly rig: Rig;
  #world: World = new Map();
  readonly #worlds = new Map<number, World>([[0, this.#world]]);

  constructor(t: Test) {
    this.#t = t;
    // A row at a time, so that much happens between the first and the last of a batch.
    this.rig = new Rig(t, { store: new MemoryStore(undefined, 1) });
    this.rig.store.halting = true;
  }

  /** Returns what is wrong after it, if anything is. */
  async happen(event: Event): Promise<string | undefined> {
    switch (event.type) {
      case 'action':
        return this.#act(event.action) ?? this.difference();
      case 'time':
        this.rig.nowMs += event.ms;
        return this.difference();
      case 'sweep':
        this.rig.table.sweep(event.max);
        this.#end(this.#ended().slice(0, event.max));
        this.#remember();
        return this.difference();
      case 'drain':
        this.rig.writes.drain();
        return undefined;
      case 'go':
      case 'fail':
        this.rig.store.go(event.type === 'fail' ? new Error('the disk is full') : undefined);
    }
    await nextTurn();
    return this.difference();
  }

  #act(action: Action): string | undefined {
    const { rig } = this;
    this.#end(
      this.#ended().filter((key) =>
        action.type === 'batch' ? action.items.some((item) => item.key === key) : action.key === key,
      ),
    );
    const [outcome] = act(this.#world, action, { from: rig.nowMs, to: rig.nowMs });
    const said = make(rig, action);
    if (outcome !== undefined) this.#world = outcome.world;
    this.#remember();
    const expected = JSON.stringify(outcome?.said.values ?? outcome?.said.value ?? 'refused');
    return said === expected ? undefined : `${JSON.stringify(action)} came to ${said}, not ${expected}`;
  }

  /** Keys of counters that have ended and are still there, the earliest first. */
  #ended(): string[] {
    const ends = [...this.#world].map(([key, { ends }]) => [key, ends?.from ?? Number.POSITIVE_INFINITY] as const);
    return ends
      .filter(([, ms]) => ms <= this.rig.nowMs)
      .sort(([, a], [, b]) => a - b)
      .map(([key]) => key);
  }

  #end(keys: readonly string[]): void {
    this.#world = new Map([...this.#world].filter(([key]) => !keys.includes(key)));
  }

  #remember(): void {
    this.#worlds.set(this.rig.counters.seq, this.#world);
  }

  /** Between what a crash would leave now and what there was at that write; and between memory and now. */
  difference(): string | undefined {
    const { rig } = this;
    const expected = this.#worlds.get(rig.store.state.seq);
    if (expected === undefined) return `the disk is at ${rig.store.state.seq}, where there was no write`;
    const stored = textOf(worldOn(rig));
    if (stored !== textOf(expected)) return `on disk is ${stored}, and at ${rig.store.state.seq} there was ${textOf(expected)}`;
    return memoryDifference(rig, this.#world);
  }

  /** Lets everything get to the disk, and starts anew with that. */
  async settle(): Promise<string | undefined> {
    await this.rig.released();
    const next = this.rig.afterCrash(this.#t);
    return this.difference() ?? memoryDifference(next, this.#world);
  }
}

/** Does it, and returns what it came to. */
function make({ counters }: Rig, action: Action): string {
  const counted = perform(counters, action);
  if ('code' in counted) return '"refused"';
  return JSON.stringify('values' in counted ? counted.values : counted.value);
}

function perform(counters: Rig['counters'], action: Action) {
  switch (action.type) {
    case 'increment':
      return isLimited(action)
        ? counters.step(action.key, action.by, limitsOf(action))
        : counters.increment(action.key, action.by);
    case 'set':
      return counters.set(action.key, action.value, action.ifValue);
    case 'delete':
      return counters.delete(action.key);
    case 'report':
      return counters.report(action.key, action.source, action.total, action.decrements);
    case 'batch':
      return counters.incrementAll(
        action.items.map((item) => item.key),
        action.items.map(({ by }) => by),
      );
  }
}

function isLimited({ min, max, ttl }: Increment): boolean {
  return min !== undefined || max !== undefined || ttl !== undefined;
}

function limitsOf({ min, max, saturate, ttl }: Increment) {
  return limits({ min, max, saturate: saturate === true, ttlMs: ttl === undefined ? undefined : ttl * 1_000 });
}

/** The rows of the three tables as counters; a row without its counter as a counter of its own. */
function worldOn({ store }: Rig): World {
  const world = new Map<string, { value: number; ends: Counter['ends']; sources: Map<string, Totals> }>();
  const counterOf = (key: string) => {
    const counter = world.get(key) ?? { value: Number.NaN, ends: undefined, sources: new Map() };
    world.set(key, counter);
    return counter;
  };
  for (const [name, row] of store.rows) {
    const counter = counterOf(row[0] as string);
    if (name.startsWith('numbers ')) counter.value = row[1] as number;
    else if (name.startsWith('incrementer_windows ')) counter.ends = { from: row[1] as number, to: row[1] as number };
    else counter.sources.set(row[1] as string, { total: row[2] as number, decrements: row[3] as number });
  }
  return world;
}

function memoryDifference({ counters, nowMs }: Rig, world: World): string | undefined {
  for (const key of KEYS) {
    const counter = world.get(key);
    const isThere = counter !== undefined && (counter.ends === undefined || counter.ends.from > nowMs);
    const expected = isThere
      ? {
          value: counter.value,
          leftMs: counter.ends === undefined ? undefined : counter.ends.from - nowMs,
          sources: counter.sources,
        }
      : { value: undefined, leftMs: undefined, sources: undefined };
    const sources = counters.sourcesOf(key)?.map(({ source, total, decrements }) => [source, { total, decrements }] as const);
    const value = counters.value(key);
    const seen = { value, leftMs: value === undefined ? undefined : counters.leftMs(key), sources: sources && new Map(sources) };
    const [a, b] = [seen, expected].map((each) => JSON.stringify({ ...each, sources: each.sources && [...each.sources].sort() }));
    if (a !== b) return `in memory ${key} is ${a}, not ${b}`;
  }
  return undefined;
}

t.test('whatever happens, and at whatever point of a drain, a crash leaves what there was at one write', async (t) => {
  await holdsAsync(
    t,
    fc.asyncProperty(fc.array(event, { maxLength: 150, size: 'max' }), async (events) => {
      const twins = new Twins(t);
      for (const event of events) {
        const fault = await twins.happen(event);
        if (fault !== undefined) throw new Error(fault);
      }
      const fault = await twins.settle();
      if (fault !== undefined) throw new Error(fault);
    }),
    Number(process.env.INSTANT_RUNS ?? 100),
  );
});
