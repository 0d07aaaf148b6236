import t from 'tap';
import { FIGURES, type Sample, SampleRing } from '../../../dist/services/ops/sample-ring.js';

function sample(at: number, more: Partial<Sample> = {}): Sample {
  const zeros = Object.fromEntries(FIGURES.map((figure) => [figure, 0])) as unknown as Sample;
  return { ...zeros, at, ...more };
}

t.test('it gives the last samples, the oldest first, and forgets those before', async (t) => {
  const ring = new SampleRing(3);
  t.same(ring.since(0).at, []);
  for (let at = 1; at <= 3; at++) ring.add(sample(at, { seq: at * 10 }));
  t.same(ring.since(0).at, [1, 2, 3]);
  for (let at = 4; at <= 8; at++) ring.add(sample(at, { seq: at * 10 }));
  t.same(ring.since(0).at, [6, 7, 8]);
  t.same(ring.since(0).seq, [60, 70, 80]);
});

t.test('it gives those after a time, of every figure as many', async (t) => {
  const ring = new SampleRing(4);
  for (const at of [10, 20, 30, 40, 50]) ring.add(sample(at));
  t.same(ring.since(20).at, [30, 40, 50]);
  t.same(ring.since(29).at, [30, 40, 50]);
  t.same(ring.since(50).at, []);
  for (const figure of FIGURES) t.equal(ring.since(20)[figure].length, 3, figure);
});

t.test('it keeps what a double can hold', async (t) => {
  const ring = new SampleRing(1);
  ring.add(sample(1, { seq: 2 ** 53 - 1, drain_ms: 0.125 }));
  t.same([ring.since(0).seq, ring.since(0).drain_ms], [[2 ** 53 - 1], [0.125]]);
});

t.test('the highest of a figure is that of so many samples', async (t) => {
  const ring = new SampleRing(5);
  t.equal(ring.highest('queue', 3), 0);
  for (const [at, queue] of [9, 1, 4, 2].entries()) ring.add(sample(at + 1, { queue }));
  t.equal(ring.highest('queue', 3), 4);
  t.equal(ring.highest('queue', 15), 9);
});
