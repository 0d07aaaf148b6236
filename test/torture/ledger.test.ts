import { test } from 'tap';
import type { Image } from './image.js';
import { Ledger, unsent, type Write } from './ledger.js';

const IMAGE: Image = {
  integrity: 'ok',
  seq: 2,
  ceilingSeq: 3,
  clean: false,
  values: new Map([['a', 30]]),
  idempotencyKeys: new Set(),
};

/** The writes 1 to 3, of 10, 20 and 40, all acknowledged from memory. */
function ledger(change: Partial<Write> = {}): Ledger {
  const account = new Ledger(['a']);
  for (const [i, by] of [10, 20, 40].entries()) {
    const write = unsent({ key: 'a', by, durability: 'memory', idempotencyKey: undefined });
    Object.assign(write, { sentMs: i, ackedMs: i + 0.5, seq: i + 1 }, i === 2 ? change : {});
    account.writes.push(write);
  }
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
  const unanswered = { ackedMs: Number.POSITIVE_INFINITY, seq: 0 };
  for (const value of [30, 70]) t.same(ledger(unanswered).settle({ ...IMAGE, values: new Map([['a', value]]) }).violations, []);
  for (const value of [20, 110])
    t.match(ledger(unanswered).settle({ ...IMAGE, values: new Map([['a', value]]) }).violations, [/off by/]);
});

test('nothing is there twice, and nothing below the seq on disk is missing', async (t) => {
  for (const value of [50, 20, 40, 70])
    t.match(ledger().settle({ ...IMAGE, values: new Map([['a', value]]) }).violations, [/off by/]);
});

test('a write with an Idempotency-Key is there with its key', async (t) => {
  const there = { ...IMAGE, seq: 3, values: new Map([['a', 70]]) };
  t.match(ledger({ idempotencyKey: 'k' }).settle(there).violations, [/not both there/]);
  t.same(ledger({ idempotencyKey: 'k' }).settle({ ...there, idempotencyKeys: new Set(['k']) }).violations, []);
  t.match(ledger({ idempotencyKey: 'k' }).settle({ ...IMAGE, idempotencyKeys: new Set(['k']) }).violations, [/not both there/]);
});

test('a number that was given before is seen', async (t) => {
  const account = new Ledger(['a']);
  t.equal(account.number(5, 0), undefined);
  t.match(account.number(5, 0), /twice/);
  t.match(account.number(6, 7), /after a restart/);
});
