import { test } from 'tap';
import { Random } from './random.js';
import { TornDisk } from './torn-disk.js';
import { Torture } from './torture.js';

const ROUNDS = 20;
const IMAGES_PER_ROUND = 12;

test('when power is cut, what was not synced may be gone or torn, and servers lose no more than they say', {
  timeout: 180_000,
}, async (t) => {
  const random = new Random(Random.seedFrom(process.env));
  t.comment(`TORTURE_SEED=${random.seed}`);
  const torture = new Torture(new TornDisk(random, IMAGES_PER_ROUND), random);
  await torture.file(ROUNDS);
  const { violations, ...figures } = torture.report;
  t.comment(JSON.stringify(figures));
  t.same(violations, []);
  for (const [action, count] of Object.entries(figures.actions)) t.ok(count > 50, `${count} of them were of the kind ${action}`);
  t.ok(figures.acknowledged > 1_000, `${figures.acknowledged} writes were acknowledged`);
});

test('that test can fail: a disk on which no sync does anything loses what was acknowledged as on disk', {
  timeout: 60_000,
}, async (t) => {
  const torture = new Torture(new TornDisk(new Random(1), IMAGES_PER_ROUND, true), new Random(1));
  await torture.file(2);
  t.ok(torture.report.violations.some((violation) => violation.includes('was acknowledged as on disk')));
});
