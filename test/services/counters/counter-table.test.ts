import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { Sum } from '../../../dist/services/counters/sum.js';
import { Random } from '../../torture/random.js';
import { Rig } from './rig.js';

const COUNTERS = 3_000;
/** A scan of all of them is done in dozens of slices, and the writes come between. */
const VISIT_MS = 0.05;

function keyOf(number: number): string {
  return `k${String(number).padStart(4, '0')}`;
}

/** Long enough for a slice to be over after some visits. */
function dawdle(): void {
  for (const startMs = performance.now(); performance.now() - startMs < VISIT_MS; );
}

/** Moves amounts between counters, makes some and deletes some: the sum of all stays the same. */
function move(rig: Rig, random: Random): void {
  const pick = () => keyOf(random.between(0, COUNTERS + 200));
  const by = random.between(-1_000, 1_000);
  rig.addAll([pick(), pick(), pick()], [by, 5, -by - 5]);
  const from = pick();
  const value = rig.counters.value(from);
  if (value === undefined) return;
  rig.addAll([from, keyOf(0)], [-value, value]);
  if (from !== keyOf(0)) rig.delete(from);
}

t.test('whenever a scan begins, it shows one instant, though amounts move all the time', async (t) => {
  const random = new Random(Number(process.env.SCAN_SEED ?? Date.now() % 2 ** 31));
  t.comment(`SCAN_SEED=${random.seed}`);
  const rig = new Rig(t);
  for (let i = 0; i < COUNTERS; i++) rig.add(keyOf(i), 7);
  await rig.drained();
  const expected = COUNTERS * 7;
  let scanning = 0;
  let moves = 0;
  const scan = async () => {
    scanning++;
    const sum = new Sum();
    // What was there at the moment of the call, counted by hand.
    const count = Array.from({ length: COUNTERS + 201 }, (_, i) => rig.counters.value(keyOf(i))).filter(
      (value) => value !== undefined,
    ).length;
    await rig.table.scan('k', (key, value) => {
      dawdle();
      sum.add(key, value);
    });
    t.same([sum.value, sum.count], [expected, count]);
    scanning--;
  };
  // The first builds the order of the keys as well. Others begin in the middle of it.
  const scans = [scan()];
  for (let i = 0; scanning > 0 || i < 10; i++) {
    for (let j = 0; j < 20; j++, moves++) move(rig, random);
    // Deletions that get to the disk take counters out while they are scanned.
    if (i % 5 === 0) rig.writes.drain();
    if (i < 10 && i % 3 === 0) scans.push(scan());
    await nextTurn();
  }
  await Promise.all(scans);
  t.ok(moves > 1_000, `${moves} moves`);
});

t.test('a scan is of the counters with the prefix, and of none that are deleted', async (t) => {
  const rig = new Rig(t);
  for (const key of ['a', 'aa', 'ab', 'b']) rig.add(key);
  await rig.drained();
  rig.delete('aa');
  const seen: string[] = [];
  const scan = rig.table.scan('a', (key, value) => seen.push(`${key} ${value}`));
  rig.add('ab', 5);
  rig.add('ac');
  rig.delete('a');
  await scan;
  t.same(seen, ['a 1', 'ab 1'], 'as it was at the call');
});

t.test('a counter that began again in another life is scanned as the one that it was', async (t) => {
  const rig = new Rig(t);
  for (const key of ['a', 'b']) rig.add(key, 3);
  await rig.drained();
  const seen: string[] = [];
  const scan = rig.table.scan('', (key, value) => seen.push(`${key} ${value}`));
  rig.delete('b');
  rig.add('b', 10);
  await scan;
  t.same(seen, ['a 3', 'b 3']);
});

t.test('a page has as many counters as were asked for, however many deleted ones lie between', async (t) => {
  const rig = new Rig(t);
  for (let i = 0; i < 50; i++) rig.add(keyOf(i), i);
  await rig.drained();
  await rig.table.ready();
  rig.store.halting = true;
  for (let i = 0; i < 50; i++) if (i % 10 !== 3) rig.delete(keyOf(i));
  const page = (after: string | undefined, limit: number) => rig.table.page('k', after, limit).map(({ value }) => value);
  t.same(page(undefined, 3), [3, 13, 23]);
  t.same(page(keyOf(23), 3), [33, 43]);
  t.same(page(keyOf(43), 3), []);
  await rig.released();
  t.same(page(undefined, 10), [3, 13, 23, 33, 43]);
});

t.test('a counter that ends while it is scanned is in it, and one that had ended before is not', async (t) => {
  const rig = new Rig(t);
  for (const [key, ttlMs] of [
    ['ended', 1_000],
    ['ends', 2_000],
    ['is swept', 2_000],
    ['is written', 2_000],
    ['stays', 9_000],
  ] as const) {
    rig.hit(key, ttlMs, 5);
  }
  rig.add('without an end', 5);
  rig.nowMs += 1_000;
  const seen: string[] = [];
  const scan = rig.table.scan('', (key, value) => seen.push(`${key} ${value}`));
  rig.nowMs += 1_000;
  rig.hit('is written', 1_000, 7);
  rig.table.sweep(2);
  await scan;
  t.same(seen, ['ends 5', 'is swept 5', 'is written 5', 'stays 5', 'without an end 5']);
});
