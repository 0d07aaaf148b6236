import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { GrowthRow } from '../../dist/bench/growth.js';
import { growthGroups } from '../../dist/bench/growth-figures.js';
import { NodeProcess } from '../node-process.js';

const GROWTH = fileURLToPath(new URL('../../dist/bench/growth.js', import.meta.url));

t.test('each size has a row: all counters are made, counted up, and there after another start', async (t) => {
  const script = `
    const { growth } = await import(${JSON.stringify(GROWTH)});
    console.log(JSON.stringify(await growth({ sizes: [1000, 20500], seconds: 1, trials: 2 }, () => {})));
  `;
  const bench = new NodeProcess(t, ['--input-type=module', '--eval', script]);
  t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
  const rows = JSON.parse(bench.stdout) as GrowthRow[];
  t.same(
    rows.map(({ counters, growing }) => [counters, growing.acknowledged]),
    [
      [1000, 1000],
      [20500, 20500],
    ],
  );
  t.same(rows[0]?.throughputRatios, [1, 1], 'the fewest are what the others are compared with');
  const groups = growthGroups(rows).map(({ title, figures }) => ({
    title,
    toReach: figures.flatMap(({ toReach }) => toReach ?? []),
  }));
  t.same(
    groups,
    [
      { title: 'Growth: 1,000 counters', toReach: [] },
      { title: 'Growth: 20,500 counters', toReach: ['at most 50', 'at least 0.8', 'at most 180', 'at most 15'] },
    ],
    'what is to be reached stands with the most counters',
  );
  for (const { counters, growing, steady, throughputRatios, ...rest } of rows) {
    t.ok(growing.countersPerS > 0 && growing.longestDrainMs > 0 && growing.longestPauseMs >= 0);
    t.equal(growing.drainedRows, counters, 'each is written once');
    t.equal(steady.length, 2);
    for (const trial of steady) {
      t.equal(trial.failed, 0);
      t.ok(trial.requestsPerS > 0 && trial.cpuMicrosPerRequest > 0 && trial.p50 <= trial.p999);
    }
    t.ok(throughputRatios.every((ratio) => ratio > 0));
    t.ok(rest.servingBytes > 1e7 && rest.fileBytes > 16 * counters && rest.loadSeconds >= 0);
  }
});
