import fc from 'fast-check';
import { test } from 'tap';
import { ChangeLog } from '../../../dist/services/counters/change-log.js';
import { holds } from '../../property.js';

const same = (key: string) => key;

function started(keysMax?: number, seq = 0): ChangeLog {
  const log = new ChangeLog(keysMax);
  log.start(seq);
  return log;
}

/** The keys that changed after a write, each with the write that changed it last. */
function after(log: ChangeLog, seq: number, place = 0): [key: string, seq: number][] {
  return [...log.after(seq, place)].map((change) => [change.key, change.seq]);
}

test('it is off until it is started, and forgets everything when it is stopped', async (t) => {
  const log = new ChangeLog();
  t.equal(log.isActive, false);
  log.start(7);
  t.strictSame([log.isActive, log.horizon, log.settledSeq], [true, 7, 7]);
  log.changed('a', 8);
  log.settle(8, same);
  log.changed('b', 9);
  log.stop();
  t.equal(log.isActive, false);
  log.start(20);
  t.strictSame([log.horizon, after(log, 20), log.settle(20, same)], [20, [], []]);
});

test('a change is there once it is settled, each key with its last one, in the order of the writes', async (t) => {
  const log = started();
  for (const [i, key] of ['a', 'b', 'c', 'a'].entries()) log.changed(key, i + 1);
  t.strictSame(after(log, 0), [], 'not before');
  t.strictSame(
    log.settle(4, same).map(({ key, seq }) => [key, seq]),
    [
      ['b', 2],
      ['c', 3],
      ['a', 4],
    ],
  );
  log.changed('b', 5);
  log.settle(5, same);
  t.strictSame(after(log, 0), [
    ['c', 3],
    ['a', 4],
    ['b', 5],
  ]);
  t.strictSame(after(log, 3), [
    ['a', 4],
    ['b', 5],
  ]);
  t.strictSame(after(log, 5), []);
  t.equal(log.settledSeq, 5);
});

test('of a write that changed several counters, one can go on after any of them', async (t) => {
  const log = started();
  for (const key of ['a', 'b', 'c', 'd']) log.changed(key, 1);
  const places = log.settle(1, same).map(({ place }) => place);
  t.strictSame(after(log, 0, places[1]), [
    ['c', 1],
    ['d', 1],
  ]);
  log.changed('c', 2);
  log.settle(2, same);
  t.strictSame(
    after(log, 0, places[1]),
    [
      ['d', 1],
      ['c', 2],
    ],
    'what has changed since comes later',
  );
  t.strictSame(after(log, 1, places[1]), [['c', 2]]);
});

test('it remembers so many keys and no more, those that changed last', async (t) => {
  const log = started(3);
  for (const [i, key] of ['a', 'b', 'c'].entries()) log.changed(key, i + 1);
  log.settle(3, same);
  t.equal(log.horizon, 0);
  log.changed('a', 4);
  log.changed('d', 5);
  log.settle(5, same);
  t.equal(log.horizon, 2, 'b is forgotten');
  t.strictSame(after(log, 2), [
    ['c', 3],
    ['a', 4],
    ['d', 5],
  ]);
});

test('where more change at once than it can remember, it remembers none of them', async (t) => {
  const log = started(3);
  log.changed('a', 1);
  log.settle(1, same);
  for (const [i, key] of ['b', 'c', 'd', 'e', 'f'].entries()) log.changed(key, i + 2);
  t.equal(log.horizon, 5, 'up to the one too many');
  log.settle(6, same);
  t.strictSame(after(log, 5), [['f', 6]], 'but what came after');
});

test('it keeps the text that it is told to keep', async (t) => {
  const log = started();
  log.changed('a', 1);
  const [change] = log.settle(1, (key) => key.toUpperCase());
  t.equal(change?.key, 'A');
  t.strictSame(after(log, 0), [['A', 1]]);
});

test('it never has less than the last changes after its horizon, nor anything else', async (t) => {
  const write = fc.array(fc.nat(15), { minLength: 1, maxLength: 6 });
  const operation = fc.oneof({ weight: 4, arbitrary: write }, { weight: 2, arbitrary: fc.constant('settle' as const) });
  holds(
    t,
    fc.property(fc.constantFrom(1, 4, 10, 1_000), fc.array(operation, { size: 'max', maxLength: 100 }), (keysMax, operations) => {
      const log = started(keysMax);
      const last = new Map<string, number>();
      let seq = 0;
      let settled: [string, number][] = [];
      for (const done of operations) {
        if (done === 'settle') {
          log.settle(seq, same);
          settled = [...last];
        } else {
          seq++;
          for (const number of done) {
            last.delete(`${number}`);
            last.set(`${number}`, seq);
            log.changed(`${number}`, seq);
          }
        }
        for (let since = log.horizon; since <= seq && done === 'settle'; since++) {
          const expected = settled.filter(([, seq]) => seq > since);
          const found = after(log, since);
          if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${found}, not ${expected}`);
          if (found.length > keysMax) throw new Error(`${found.length} keys are more than ${keysMax}`);
        }
      }
    }),
    2_000,
  );
});

test('it goes back as far as it can: while few keys change, however often, to its start', async (t) => {
  const log = started(10);
  for (let seq = 1; seq <= 10_000; seq++) {
    log.changed(`${seq % 10}`, seq);
    if (seq % 7 === 0) log.settle(seq, same);
  }
  log.settle(10_000, same);
  t.equal(log.horizon, 0);
  t.equal(after(log, 0).length, 10);
});
