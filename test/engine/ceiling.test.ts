import { test } from 'tap';
import { Ceiling } from '../../dist/engine/ceiling.js';

const INTERVAL_MS = 5_000;

function startedAt(seq: number) {
  const clock = { ms: 1_000 };
  const ceiling = new Ceiling({ intervalMs: INTERVAL_MS, nowMs: () => clock.ms, store: { raise: () => false } });
  ceiling.start(seq);
  return { ceiling, clock };
}

test('at the start it stands on the last write: the next one has to ask', async (t) => {
  const { ceiling } = startedAt(17);
  t.equal(ceiling.seq, 17);
  t.equal(ceiling.freeUpToSeq, 17);
});

test('a raised ceiling is in force once it is committed, not before', async (t) => {
  const { ceiling } = startedAt(17);
  const sealed = ceiling.seal(17, 20, true);
  t.ok(sealed > 20, 'it leaves room above the last write');
  t.equal(ceiling.seq, 17);
  t.equal(ceiling.freeUpToSeq, 17);
  ceiling.committed(0);
  t.equal(ceiling.seq, sealed);
  t.ok(ceiling.freeUpToSeq >= 20, 'the writes that asked are free');
  t.ok(ceiling.freeUpToSeq < sealed, 'the last ones before it ask for the next raise');
});

test('with nothing pending it comes down to what is on disk, as soon as that is sealed', async (t) => {
  const { ceiling } = startedAt(0);
  ceiling.seal(0, 10, true);
  ceiling.committed(0);
  t.equal(ceiling.seal(10, 10, false), 10);
  t.equal(ceiling.seq, 10, 'the commit may be on disk before its answer is there');
  t.equal(ceiling.freeUpToSeq, 10);
  ceiling.committed(0);
  t.equal(ceiling.seq, 10);
});

test('after a failed commit the lower of the two ceilings stays in force', async (t) => {
  const { ceiling } = startedAt(0);
  ceiling.seal(0, 1, true);
  t.equal(ceiling.seq, 0, 'a raise that failed is no raise');
  const raised = ceiling.seal(0, 1, true);
  ceiling.committed(0);
  ceiling.seal(5, 5, false);
  t.equal(ceiling.seq, 5, 'a lowering that failed may have happened');
  const again = ceiling.seal(5, 9, true);
  t.equal(ceiling.seq, 5);
  ceiling.committed(0);
  t.equal(ceiling.seq, again);
  t.ok(raised > 5);
});

test('a steady load stays below its ceiling from one drain to the next', async (t) => {
  for (const perMs of [1, 50, 500]) {
    const { ceiling, clock } = startedAt(0);
    let seq = 10;
    ceiling.seal(0, seq, true);
    ceiling.committed(0);
    let met = 0;
    for (let interval = 0; interval < 10; interval++) {
      clock.ms += INTERVAL_MS;
      seq += perMs * INTERVAL_MS;
      // The first interval has no rate to go by; after it no write may have to ask.
      if (interval > 0 && seq > ceiling.freeUpToSeq) met++;
      ceiling.seal(seq - 1, seq, true);
      ceiling.committed(0);
    }
    t.equal(met, 0, `${perMs} writes per millisecond`);
  }
});

test('a burst right after a raise does not put it beyond what an interval could hold', async (t) => {
  const { ceiling, clock } = startedAt(0);
  ceiling.seal(0, 1, true);
  ceiling.committed(0);
  clock.ms += 1;
  const raised = ceiling.seal(0, 1_001, true);
  t.ok(raised < 1_001 * 30, `${raised} after a thousand writes in a millisecond`);
});

test('a steady load stays below its ceiling during a commit that is as long as the one before', async (t) => {
  const { ceiling, clock } = startedAt(0);
  const perMs = 50;
  const commitMs = 4_000;
  let seq = 10;
  let met = 0;
  for (let interval = 0; interval < 10; interval++) {
    const sealed = ceiling.seal(seq - 1, seq, true);
    // The sealed one is above what is in force, which goes on to hold until the commit is done.
    clock.ms += commitMs;
    seq += perMs * commitMs;
    if (interval > 1 && seq > ceiling.freeUpToSeq) met++;
    ceiling.committed(commitMs);
    t.equal(ceiling.seq, sealed);
    clock.ms += INTERVAL_MS - commitMs;
    seq += perMs * (INTERVAL_MS - commitMs);
    if (interval > 1 && seq > ceiling.freeUpToSeq) met++;
  }
  t.equal(met, 0);
});

test('a seal right after a raise goes by the rate that was seen before', async (t) => {
  const clock = { ms: 1_000 };
  const ceiling = new Ceiling({ intervalMs: INTERVAL_MS, nowMs: () => clock.ms, store: { raise: () => true } });
  ceiling.start(0);
  clock.ms += INTERVAL_MS;
  t.equal(ceiling.raise(500_000), true);
  const raised = ceiling.seq;
  clock.ms += 10;
  t.ok(ceiling.seal(500_000, 500_200, true) >= raised, 'a stall of some milliseconds is no end of the load');
});
