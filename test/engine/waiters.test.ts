import { test } from 'tap';
import { Waiters } from '../../dist/engine/waiters.js';

test('whoever waits for a seq that is reached is told so, and nobody else', async (t) => {
  const waiters = new Waiters();
  const told: [number, boolean][] = [];
  for (const seq of [3, 1, 2, 4]) waiters.add(seq, 1_000, (reached) => told.push([seq, reached]));
  waiters.reach(2);
  t.same(told, [
    [1, true],
    [2, true],
  ]);
  t.equal(waiters.count, 2);
  waiters.reach(4);
  t.same(told.slice(2), [
    [3, true],
    [4, true],
  ]);
  t.equal(waiters.count, 0);
});

test('whoever is over its deadline is told that the seq was not reached', async (t) => {
  const waiters = new Waiters();
  const told: [string, boolean][] = [];
  waiters.add(1, 100, (reached) => told.push(['early', reached]));
  waiters.add(1, 200, (reached) => told.push(['late', reached]));
  waiters.expire(99);
  t.same(told, []);
  waiters.expire(100);
  t.same(told, [['early', false]]);
  waiters.reach(1);
  t.same(told, [
    ['early', false],
    ['late', true],
  ]);
});

test('each is told once', async (t) => {
  const waiters = new Waiters();
  let told = 0;
  waiters.add(1, 100, () => told++);
  waiters.reach(1);
  waiters.reach(1);
  waiters.expire(1_000);
  t.equal(told, 1);
});

test('whoever is told may wait again at once', async (t) => {
  const waiters = new Waiters();
  const told: number[] = [];
  waiters.add(1, 100, () => {
    told.push(1);
    waiters.add(2, 100, () => told.push(2));
  });
  waiters.add(5, 100, () => told.push(5));
  waiters.reach(1);
  t.same(told, [1]);
  t.equal(waiters.count, 2);
  waiters.reach(5);
  t.same(told.sort(), [1, 2, 5]);
});
