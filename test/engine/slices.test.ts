import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'tap';
import { Slices } from '../../dist/engine/slices.js';
import { Turns } from '../turns.js';

test('a slice begins in a later turn, and is over when its time is used up', async (t) => {
  const clock = { ms: 1_000 };
  const turns = new Turns();
  const slices = new Slices({ sliceMs: 4, nowMs: () => clock.ms, turn: turns.turn });
  let hasBegun = false;
  slices.next().then(() => {
    hasBegun = true;
  });
  await nextTurn();
  t.equal(hasBegun, false);
  await turns.pass();
  t.equal(hasBegun, true);
  clock.ms += 3;
  t.equal(slices.isOver, false);
  clock.ms += 1;
  t.equal(slices.isOver, true);
});

test('those who share slices get one a turn between them, first come, first served', async (t) => {
  const turns = new Turns();
  const slices = new Slices({ sliceMs: 1, nowMs: turns.nowMs, turn: turns.turn });
  const served: string[] = [];
  const work = async (name: string) => {
    for (let i = 0; i < 2; i++) {
      await slices.next();
      served.push(name);
    }
  };
  const done = Promise.all([work('a'), work('b'), work('c')]);
  for (let turn = 1; turn <= 6; turn++) {
    await turns.pass();
    t.equal(served.length, turn);
  }
  await done;
  t.same(served, ['a', 'b', 'c', 'a', 'b', 'c']);
});

test('a step is done for each item, as many in a slice as fit', async (t) => {
  const turns = new Turns();
  const slices = new Slices({ sliceMs: 2, nowMs: turns.nowMs, turn: turns.turn });
  const items = Array.from({ length: 1_000 }, (_, number) => number);
  const done: number[] = [];
  const all = slices.each(items, (item) => done.push(item));
  await turns.pass();
  t.ok(done.length > 0 && done.length < items.length, `${done.length} in the first slice`);
  const first = done.length;
  await turns.pass();
  t.equal(done.length, 2 * first);
  await turns.passAll();
  await all;
  t.same(done, items);
});

test('work ends with the step that throws, and others go on', async (t) => {
  const turns = new Turns();
  const slices = new Slices({ sliceMs: 1, nowMs: turns.nowMs, turn: turns.turn });
  let steps = 0;
  const failing = slices.each([1, 2, 3], (item) => {
    steps++;
    if (item === 2) throw new Error('two');
  });
  let others = 0;
  const other = slices.each([1, 2, 3], () => others++);
  const failed = t.rejects(failing, { message: 'two' });
  await turns.passAll();
  await Promise.all([failed, other]);
  t.equal(steps, 2);
  t.equal(others, 3);
});

test('with the clock and the turns of the process, others get their turns during long work', async (t) => {
  let isDone = false;
  let turns = 0;
  const busyUntil = (ms: number) => {
    while (performance.now() < ms);
  };
  const work = new Slices()
    .each(Array(1_000).fill(0), () => busyUntil(performance.now() + 0.05))
    .then(() => {
      isDone = true;
    });
  for (; !isDone; turns++) await nextTurn();
  await work;
  t.ok(turns > 4, `${turns} turns in 50 ms of work`);
});
