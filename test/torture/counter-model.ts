import type { Action, Batch, Increment, Removal, Report, Setting } from './action.js';

/** From an instant to another, both included: some moment between, in milliseconds of the time of day. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Totals {
  readonly total: number;
  readonly decrements: number;
}

/** What a counter has to be, as plainly as it can be said. */
export interface Counter {
  readonly value: number;
  /** When it ends, as far as that is known from outside; `undefined` where it has no end. */
  readonly ends: Span | undefined;
  readonly sources: ReadonlyMap<string, Totals>;
}

/** Counters by their keys. */
export type World = ReadonlyMap<string, Counter>;

/** What a reply with 200 says. */
export interface Said {
  readonly value?: number;
  readonly values?: readonly number[];
  readonly applied?: number;
  readonly remaining?: number;
  readonly reset_ms?: number;
  readonly seq: number;
}

/** What may come of an action. */
export interface Outcome {
  readonly world: World;
  /** What the reply has to say, but for `reset_ms`. */
  readonly said: Omit<Said, 'reset_ms' | 'seq'>;
  /** The key whose time to its end the reply tells. */
  readonly timedKey?: string;
  /** Nothing was written. */
  readonly isIdle?: true;
}

const NOTHING: Totals = { total: 0, decrements: 0 };

/**
 * What may come of an action that was done at some moment of a span: nothing where it is refused,
 * more than one thing where a counter may have ended before it or not.
 */
export function act(world: World, action: Action, at: Span): Outcome[] {
  const keys = action.type === 'batch' ? action.items.map(({ key }) => key) : [action.key];
  let worlds: readonly World[] = [world];
  for (const key of keys) worlds = worlds.flatMap((each) => liveOrEnded(each, key, at));
  return worlds.flatMap((each) => outcomeOf(each, action, at) ?? []);
}

/** With the counter, and without it, as far as its end allows that. */
function liveOrEnded(world: World, key: string, at: Span): World[] {
  const ends = world.get(key)?.ends;
  if (ends === undefined) return [world];
  const worlds: World[] = [];
  if (ends.to > at.from) worlds.push(world);
  if (ends.from <= at.to) worlds.push(without(world, key));
  return worlds;
}

function outcomeOf(world: World, action: Action, at: Span): Outcome | undefined {
  switch (action.type) {
    case 'increment':
      return increment(world, action, at);
    case 'set':
      return set(world, action);
    case 'delete':
      return remove(world, action);
    case 'report':
      return report(world, action);
    case 'batch':
      return batch(world, action);
  }
}

function increment(world: World, { key, by, min, max, saturate, ttl }: Increment, at: Span): Outcome | undefined {
  const before = world.get(key);
  if (ttl !== undefined && before !== undefined && before.ends === undefined) return undefined;
  const from = before?.value ?? 0;
  const bound = by > 0 ? max : by < 0 ? min : undefined;
  const isHeld = bound !== undefined && (by > 0 ? from + by > bound : from + by < bound);
  if (isHeld && saturate !== true) return undefined;
  const held = bound === undefined ? from : by > 0 ? Math.max(from, bound) : Math.min(from, bound);
  const value = isHeld ? held : from + by;
  const said = {
    value,
    ...(saturate && { applied: value - from }),
    ...(max !== undefined && { remaining: Math.max(0, max - value) }),
  };
  const isLimited = min !== undefined || max !== undefined || ttl !== undefined;
  const timed = isLimited ? { timedKey: key } : {};
  if (value === from && by !== 0) return { world, said, ...timed, isIdle: true };
  const opened = before === undefined && ttl !== undefined ? { from: at.from + ttl * 1_000, to: at.to + ttl * 1_000 } : undefined;
  return { world: having(world, key, value, { ends: before?.ends ?? opened }), said, ...timed };
}

function set(world: World, { key, value, ifValue }: Setting): Outcome | undefined {
  if (ifValue !== undefined && (world.get(key)?.value ?? 0) !== ifValue) return undefined;
  return { world: having(world, key, value), said: { value } };
}

function remove(world: World, { key }: Removal): Outcome | undefined {
  const before = world.get(key);
  return before === undefined ? undefined : { world: without(world, key), said: { value: before.value } };
}

function report(world: World, { key, source, total, decrements }: Report): Outcome {
  const before = world.get(key);
  const known = before?.sources.get(source);
  const { total: up, decrements: down } = known ?? NOTHING;
  const highest = { total: Math.max(up, total), decrements: Math.max(down, decrements) };
  const value = (before?.value ?? 0) + (highest.total - up) - (highest.decrements - down);
  if (known !== undefined && highest.total === up && highest.decrements === down) return { world, said: { value }, isIdle: true };
  const sources = new Map(before?.sources).set(source, highest);
  return { world: having(world, key, value, { sources }), said: { value } };
}

function batch(world: World, { items }: Batch): Outcome {
  let after = world;
  const values = items.map(({ key, by }) => {
    const value = (after.get(key)?.value ?? 0) + by;
    after = having(after, key, value);
    return value;
  });
  return { world: after, said: { values } };
}

function having(world: World, key: string, value: number, change: Partial<Counter> = {}): World {
  const { ends, sources } = world.get(key) ?? { ends: undefined, sources: new Map() };
  return new Map(world).set(key, { ends, sources, ...change, value });
}

function without(world: World, key: string): World {
  const rest = new Map(world);
  rest.delete(key);
  return rest;
}

/** The world after an outcome, with what the reply tells beyond it; `undefined` where the reply contradicts it. */
export function told({ world, said, timedKey }: Outcome, reply: Said, at: Span): World | undefined {
  const { values = [] } = said;
  const isSame =
    reply.value === said.value &&
    reply.applied === said.applied &&
    reply.remaining === said.remaining &&
    (reply.values ?? []).length === values.length &&
    values.every((value, i) => value === reply.values?.[i]);
  if (!isSame) return undefined;
  const leftMs = reply.reset_ms;
  const counter = timedKey === undefined ? undefined : world.get(timedKey);
  if (timedKey === undefined || counter?.ends === undefined) return leftMs === undefined ? world : undefined;
  if (leftMs === undefined) return undefined;
  const ends = { from: Math.max(counter.ends.from, at.from + leftMs), to: Math.min(counter.ends.to, at.to + leftMs) };
  return ends.from > ends.to ? undefined : new Map(world).set(timedKey, { ...counter, ends });
}

/** A text that is the same for worlds that are. */
export function textOf(world: World): string {
  return JSON.stringify(
    [...world]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { value, ends, sources }]) => [key, value, ends, [...sources].sort(([a], [b]) => (a < b ? -1 : 1))]),
  );
}

/** Whether a world may be what is in the file, where it was still written to until an instant. */
export function mayBe(world: World, file: World, untilMs: number): boolean {
  return [...new Set([...world.keys(), ...file.keys()])].every((key) => mayBeSame(world.get(key), file.get(key), untilMs));
}

function mayBeSame(counter: Counter | undefined, stored: Counter | undefined, untilMs: number): boolean {
  if (counter === undefined) return stored === undefined;
  const { value, ends, sources } = counter;
  // It may have been taken out when it had ended.
  if (stored === undefined) return ends !== undefined && ends.from <= untilMs;
  if (stored.value !== value || stored.sources.size !== sources.size) return false;
  for (const [source, { total, decrements }] of sources) {
    const row = stored.sources.get(source);
    if (row?.total !== total || row.decrements !== decrements) return false;
  }
  if (ends === undefined || stored.ends === undefined) return ends === stored.ends;
  return ends.from <= stored.ends.to && stored.ends.from <= ends.to;
}
