import { test } from 'tap';
import type { Action } from './action.js';
import type { Counter, Said, World } from './counter-model.js';
import { explain, type History, type Known, type Loose } from './history.js';

const SECOND = 1_000;
const NOW = 1_000_000;
const AT = { from: NOW, to: NOW + 5 };

function counter(value: number, change: Partial<Counter> = {}): Counter {
  return { value, ends: undefined, sources: new Map(), ...change };
}

function world(counters: Readonly<Record<string, Counter>>): World {
  return new Map(Object.entries(counters));
}

function known(seq: number, action: Action, said: Omit<Said, 'seq'>, change: Partial<Known> = {}): Known {
  return { action, reply: { ...said, seq }, at: AT, ackedMs: seq, ...change };
}

function loose(action: Action, sentMs = 0, isLost = false): Loose {
  return { action, at: { from: NOW, to: Number.POSITIVE_INFINITY }, sentMs, isLost };
}

/** What there is no explanation for; nothing before, and everything that is known on disk, where nothing else is said. */
function fault(history: Partial<History>): string | undefined {
  const nothing = { before: world({}), known: [], loose: [], disk: world({}), diskSeq: 1_000, untilMs: NOW + 10 * SECOND };
  return explain({ ...nothing, ...history }).fault;
}

const add = (by: number, more: object = {}): Action => ({ type: 'increment', key: 'a', by, ...more });
const set = (value: number, ifValue?: number): Action => ({
  type: 'set',
  key: 'a',
  value,
  ...(ifValue !== undefined && { ifValue }),
});
const remove: Action = { type: 'delete', key: 'a' };
const report = (source: string, total: number, decrements = 0): Action => ({
  type: 'report',
  key: 'a',
  source,
  total,
  decrements,
});

test('a deleted counter is gone, and begins anew', async (t) => {
  const sources = new Map([['s', { total: 5, decrements: 0 }]]);
  const before = world({ a: counter(5, { sources }) });
  const deleted = [known(1, remove, { value: 5 })];
  t.equal(fault({ before, known: deleted }), undefined);
  t.match(fault({ before, known: deleted, disk: before }), /on disk is/, 'it came back');
  const again = [...deleted, known(2, add(3), { value: 3 })];
  t.equal(fault({ before, known: again, disk: world({ a: counter(3) }) }), undefined);
  t.match(fault({ before, known: again, disk: world({ a: counter(8) }) }), /on disk is/, 'it went on from before');
  t.match(fault({ before, known: again, disk: world({ a: counter(3, { sources }) }) }), /on disk is/);
  t.match(fault({ before, known: [known(1, remove, { value: 5 }), known(2, add(3), { value: 8 })] }), /was answered/);
  t.match(fault({ known: deleted }), /was answered/, 'what is not there can not be deleted');
});

test('a write without a reply comes at any place, but not before one that was answered before it was sent', async (t) => {
  const before = world({ a: counter(1) });
  const written = [known(1, set(10), { value: 10 }), known(2, add(1), { value: 11 })];
  const disk = (value: number) => world({ a: counter(value) });
  t.equal(fault({ before, known: written, loose: [loose(set(50))], disk: disk(50) }), undefined);
  t.equal(fault({ before, known: written, loose: [loose(set(50))], disk: disk(11) }), undefined);
  t.match(fault({ before, known: written, loose: [loose(set(50))], disk: disk(51) }), /on disk is/, 'the reply 11 says no');
  const between = [known(1, set(10), { value: 10 }), known(2, add(1), { value: 51 })];
  t.equal(fault({ before, known: between, loose: [loose(set(50))], disk: disk(51) }), undefined);
  t.match(fault({ before, known: between, loose: [loose(set(50), 2.5)], disk: disk(51) }), /was answered/, 'sent later');
  t.match(fault({ before, known: written, loose: [loose(add(7))], disk: disk(25) }), /on disk is/, 'it is there twice');
});

test('what is lost was not on disk, and is in the replies that were lost', async (t) => {
  const lost = [known(1, add(1), { value: 1 }), known(2, add(5), { value: 6 }), known(3, add(1), { value: 17 })];
  const history = { known: lost, diskSeq: 1, disk: world({ a: counter(1) }) };
  t.equal(fault({ ...history, loose: [loose(add(10), 0, true)] }), undefined);
  t.match(fault(history), /was answered/, 'nobody added 10');
  t.match(fault({ ...history, disk: world({ a: counter(11) }), loose: [loose(add(10), 0, true)] }), /on disk is/);
});

test('a source counts with its highest totals', async (t) => {
  const reports = [
    known(1, report('s', 5), { value: 5 }),
    known(2, report('s', 9, 2), { value: 7 }),
    known(2, report('s', 6), { value: 7 }),
  ];
  const disk = (total: number, decrements: number, value: number) =>
    world({ a: counter(value, { sources: new Map([['s', { total, decrements }]]) }) });
  t.equal(fault({ known: reports, disk: disk(9, 2, 7) }), undefined);
  for (const wrong of [disk(5, 0, 5), disk(9, 0, 7), disk(9, 2, 9), world({ a: counter(7) })])
    t.match(fault({ known: reports, disk: wrong }), /on disk is/);
  t.equal(fault({ known: [...reports].reverse(), disk: disk(9, 2, 7) }), undefined, 'those that changed nothing have no place');
  t.match(fault({ known: [known(1, report('s', 5), { value: 5 }), known(1, report('s', 9), { value: 9 })] }), /was answered/);
});

test('a batch is there whole or not at all', async (t) => {
  const items = [
    { key: 'a', by: -5 },
    { key: 'b', by: 4 },
    { key: 'b', by: 1 },
  ];
  const batch: Action = { type: 'batch', items };
  const whole = world({ a: counter(-5), b: counter(5) });
  t.equal(fault({ known: [known(1, batch, { values: [-5, 4, 5] })], disk: whole }), undefined);
  t.match(fault({ known: [known(1, batch, { values: [-5, 4, 4] })], disk: whole }), /was answered/);
  for (const disk of [world({}), whole]) t.equal(fault({ loose: [loose(batch)], disk }), undefined);
  for (const disk of [world({ a: counter(-5) }), world({ a: counter(-5), b: counter(4) })])
    t.match(fault({ loose: [loose(batch)], disk }), /on disk is/);
});

test('a window ends when it has to: not before, and with its row', async (t) => {
  const open = [known(1, add(3, { ttl: 1 }), { value: 3, reset_ms: SECOND })];
  const disk = (endMs: number) => world({ a: counter(3, { ends: { from: endMs, to: endMs } }) });
  t.equal(fault({ known: open, disk: disk(NOW + SECOND + 3) }), undefined);
  for (const endMs of [NOW + SECOND - 1, NOW + SECOND + 6]) t.match(fault({ known: open, disk: disk(endMs) }), /on disk is/);
  t.match(fault({ known: open, disk: world({ a: counter(3) }) }), /on disk is/, 'without its end');
  t.equal(fault({ known: open, untilMs: NOW + SECOND }), undefined, 'it may be gone when it is over');
  t.match(fault({ known: open, untilMs: NOW + SECOND - 1 }), /on disk is/);
  t.match(fault({ known: [known(1, add(3), { value: 3 })], disk: disk(NOW + SECOND) }), /on disk is/, 'nobody asked for an end');

  const next = (ms: number, value: number, resetMs: number) =>
    known(2, add(1, { ttl: 1 }), { value, reset_ms: resetMs }, { at: { from: NOW + ms, to: NOW + ms + 5 } });
  const end = NOW + SECOND + 3;
  const before = disk(end);
  const after = (value: number, endMs: number) => world({ a: counter(value, { ends: { from: endMs, to: endMs } }) });
  t.equal(fault({ before, known: [next(900, 4, 102)], disk: after(4, end) }), undefined);
  t.match(fault({ before, known: [next(900, 1, SECOND)], disk: after(1, end + 900) }), /was answered/, 'it ended too early');
  t.match(fault({ before, known: [next(900, 4, 90)], disk: after(4, end) }), /was answered/, 'it has more time than that');
  t.equal(fault({ before, known: [next(1_003, 1, SECOND)], disk: after(1, end + SECOND) }), undefined);
  t.match(fault({ before, known: [next(1_003, 4, 1)], disk: after(4, end) }), /was answered/, 'it has gone on too long');
  for (const known of [next(1_000, 4, 2), next(1_000, 1, SECOND)])
    t.equal(fault({ before, known: [known], untilMs: end + 2 * SECOND }), undefined, 'at the very end it may be either');
});

test('bounds hold, refuse and stop as they should', async (t) => {
  const before = world({ a: counter(8) });
  const most = { max: 10 };
  t.equal(
    fault({ before, known: [known(1, add(2, most), { value: 10, remaining: 0 })], disk: world({ a: counter(10) }) }),
    undefined,
  );
  t.match(fault({ before, known: [known(1, add(3, most), { value: 11, remaining: 0 })] }), /was answered/);
  const stopped = add(5, { max: 10, saturate: true });
  t.equal(
    fault({ before, known: [known(1, stopped, { value: 10, applied: 2, remaining: 0 })], disk: world({ a: counter(10) }) }),
    undefined,
  );
  t.match(fault({ before, known: [known(1, stopped, { value: 13, applied: 5, remaining: 0 })] }), /was answered/);
  const full = world({ a: counter(10) });
  t.equal(fault({ before: full, known: [known(1, stopped, { value: 10, applied: 0, remaining: 0 })], disk: full }), undefined);
  t.equal(fault({ before, loose: [loose(set(1, 7))], disk: before }), undefined);
  t.match(fault({ before, loose: [loose(set(1, 7))], disk: world({ a: counter(1) }) }), /on disk is/, 'it was 8');
});

test('what changed nothing is told', async (t) => {
  const first = known(1, report('s', 5), { value: 5 });
  const late = known(2, report('s', 4), { value: 5 });
  const second = known(3, report('s', 6), { value: 6 });
  const disk = world({ a: counter(6, { sources: new Map([['s', { total: 6, decrements: 0 }]]) }) });
  const nothing = { before: world({}), loose: [], untilMs: NOW };
  const explained = explain({ ...nothing, known: [late, second, first], disk, diskSeq: 3 });
  t.same([explained.fault, [...explained.idle]], [undefined, [late]]);
  const maybe = explain({ ...nothing, known: [first, second], loose: [loose(report('s', 5))], disk, diskSeq: 3 });
  t.same([maybe.fault, [...maybe.idle]], [undefined, [first]], 'one without a reply may have said it before');
});
