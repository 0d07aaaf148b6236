import { test } from 'tap';
import type { Action } from './action.js';
import { EMPTY, type Image } from './image.js';
import { Ledger } from './ledger.js';
import { Write } from './write.js';

/** What is on disk after two writes, of 10 and 20. */
const IMAGE: Image = { ...EMPTY, seq: 2, ceilingSeq: 3, clean: false, counters: having('a', 30) };

function having(key: string, value: number): Image['counters'] {
  return new Map([[key, { value, ends: undefined, sources: new Map() }]]);
}

/** A write that was acknowledged, one millisecond after the other. */
function acknowledged(seq: number, action: Action, said: object, change: Partial<Write> = {}): Write {
  const write = new Write(action, change.durability ?? 'memory', change.idempotencyKey);
  write.send();
  write.acknowledge(JSON.stringify({ ...said, seq }));
  return Object.assign(write, { sentMs: seq, ackedMs: seq + 0.5 }, change);
}

function by(number: number): Action {
  return { type: 'increment', key: 'a', by: number };
}

/** The writes 1 to 3, of 10, 20 and 40, all acknowledged from memory, but for what is said of the last. */
function ledger(change: Partial<Write> = {}): Ledger {
  const account = new Ledger();
  account.writes.push(
    acknowledged(1, by(10), { value: 10 }),
    acknowledged(2, by(20), { value: 30 }),
    acknowledged(3, by(40), { value: 70 }, change),
  );
  return account;
}

test('what was acknowledged from memory above the seq on disk may be lost', async (t) => {
  const { violations, lost } = ledger().settle(IMAGE);
  t.same([violations, lost], [[], 1]);
});

test('no more may be lost than the disk says', async (t) => {
  t.match(ledger().settle({ ...IMAGE, ceilingSeq: 2 }).violations, [/lost_at_most is 0/]);
  t.match(ledger().settle({ ...IMAGE, clean: true }).violations, [/lost_at_most is 0/]);
});

test('what was acknowledged as on disk may not be lost', async (t) => {
  t.match(ledger({ durability: 'disk' }).settle(IMAGE).violations, [/was acknowledged as on disk/]);
});

test('what has no reply is there once or not at all', async (t) => {
  const unanswered = { ackedMs: Number.POSITIVE_INFINITY, said: undefined };
  for (const value of [30, 70]) t.same(ledger(unanswered).settle({ ...IMAGE, counters: having('a', value) }).violations, []);
  for (const value of [20, 110])
    t.match(ledger(unanswered).settle({ ...IMAGE, counters: having('a', value) }).violations, [/no order explains/]);
});

test('nothing is there twice, and nothing below the seq on disk is missing', async (t) => {
  for (const value of [50, 20, 40, 70])
    t.match(ledger().settle({ ...IMAGE, counters: having('a', value) }).violations, [/no order explains/]);
});

test('a counter that was not written to is what it was', async (t) => {
  const account = new Ledger();
  account.settle(IMAGE);
  t.same(account.settle(IMAGE).violations, []);
  t.match(account.settle({ ...IMAGE, counters: new Map() }).violations, [/no order explains/]);
  t.match(account.settle(IMAGE).violations, [/no order explains/], 'it does not come back either');
});

test('a write with an Idempotency-Key is there with its key', async (t) => {
  const there = { ...IMAGE, seq: 3, counters: having('a', 70) };
  const kept = new Map([['k', '{"key":"a","value":70,"seq":3}']]);
  t.match(ledger({ idempotencyKey: 'k' }).settle(there).violations, [/not both there/]);
  t.same(ledger({ idempotencyKey: 'k' }).settle({ ...there, kept }).violations, []);
  t.match(ledger({ idempotencyKey: 'k' }).settle({ ...IMAGE, kept }).violations, [/not both there/]);
});

test('of a write without a reply, the key that is kept says that it is there', async (t) => {
  const unanswered = { idempotencyKey: 'k', ackedMs: Number.POSITIVE_INFINITY, said: undefined };
  const there = { ...IMAGE, seq: 3, counters: having('a', 70), kept: new Map([['k', '{"key":"a","value":70,"seq":3}']]) };
  const { violations, retries } = ledger(unanswered).settle(there);
  t.same([violations, retries.map(({ isReplay }) => isReplay)], [[], [true]]);
  t.match(ledger(unanswered).settle({ ...there, counters: having('a', 30) }).violations, [/no order explains/]);
  t.match(ledger(unanswered).settle({ ...there, kept: new Map() }).violations, [/no order explains/]);
  const again = ledger(unanswered).settle(IMAGE);
  t.same([again.violations, again.retries.map(({ isReplay }) => isReplay)], [[], [false]]);
});

test('a report that told nothing new has the number of another write, and no key that has to be kept', async (t) => {
  const report: Action = { type: 'report', key: 'a', source: 's', total: 5, decrements: 0 };
  const account = () => {
    const { writes } = new Ledger();
    writes.push(acknowledged(1, report, { value: 5 }), acknowledged(1, report, { value: 5 }, { idempotencyKey: 'k' }));
    return Object.assign(new Ledger(), { writes });
  };
  const sources = new Map([['s', { total: 5, decrements: 0 }]]);
  const counters = new Map([['a', { value: 5, ends: undefined, sources }]]);
  const { violations, retries } = account().settle({ ...IMAGE, counters });
  t.same([violations, retries], [[], []]);
  t.same(account().settle({ ...IMAGE, counters, kept: new Map([['k', '{"seq":1}']]) }).violations, []);
  t.same(account().settle({ ...EMPTY, ceilingSeq: 1, clean: false }).lost, 1, 'the two are one write');
});

test('rows without their counter are seen', async (t) => {
  t.match(new Ledger().settle({ ...EMPTY, orphans: ['the window of b'] }).violations, [/the window of b is there without/]);
});

test('a crash at an instant is judged by what was answered before it', async (t) => {
  const disk = ledger({ durability: 'disk' });
  t.same(disk.judge(IMAGE, 3.1).violations, [], 'the third had no reply yet');
  t.match(disk.judge(IMAGE, 3.6).violations, [/was acknowledged as on disk/]);
});

test('a number that was given before is seen', async (t) => {
  const account = new Ledger();
  t.equal(account.number(5, 0), undefined);
  t.match(account.number(5, 0), /twice/);
  t.match(account.number(6, 7), /after a restart/);
  t.equal(account.number(5, 5, true), undefined, 'what changed nothing has the number of the write before');
  t.match(account.number(6, 7, true), /after a restart/);
});
