import { test } from 'tap';
import { Folder } from './medium.js';
import { Random } from './random.js';
import { Torture } from './torture.js';

const ROUNDS_PER_FILE = 14;
const KILLS_MIN = 50;

test('servers that are killed at random instants lose no more than they say, and count nothing twice', {
  timeout: 180_000,
}, async (t) => {
  const random = new Random(Random.seedFrom(process.env));
  t.comment(`TORTURE_SEED=${random.seed}`);
  const torture = new Torture(new Folder(), random);
  while (torture.report.kills < KILLS_MIN) await torture.file(ROUNDS_PER_FILE);
  const { violations, ...figures } = torture.report;
  t.comment(JSON.stringify(figures));
  t.same(violations, []);
  for (const [action, count] of Object.entries(figures.actions)) t.ok(count > 50, `${count} of them were of the kind ${action}`);
  t.ok(figures.acknowledged > 5_000, `${figures.acknowledged} writes were acknowledged`);
  t.ok(figures.lost > 0, 'some kills came before a drain');
});
