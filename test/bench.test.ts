import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { NodeProcess } from './node-process.js';

const BENCH = fileURLToPath(new URL('../dist/bench/run.js', import.meta.url));

const FEW = ['--quick', '--dirty', '2000', '--counters', '2000', '--users', '2000'];

/** By a word of its title: how many rows of servers a table has. */
const TABLES = [
  ['as published: siege', 2],
  ['as published: wrk', 2],
  ['points, as published', 3],
  ['load lab', 2],
  ['in memory', 5],
  ['on disk', 3],
  ['batches', 3],
] as const;

for (const [title, count] of TABLES)
  t.test(`the benchmark has a figure for each row, and no request fails: ${title}`, async (t) => {
    const bench = new NodeProcess(t, [BENCH, ...FEW, '--only', title]);
    t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
    const rows = bench.stdout
      .split('\n')
      .filter((line) => /^\| (floor|incrementer|node:http|Redis|Webdis|PostgreSQL)/.test(line));
    t.equal(rows.length, count);
    for (const row of rows) {
      const cells = row.split('|').map((cell) => cell.trim());
      // In CI a program that is missing is a failure.
      if (/ is not installed$/.test(cells.at(-2) ?? '') && !process.env.CI) continue;
      t.match(cells[2] ?? '', /^[\d,.]+$/, row);
      t.match(cells[7] ?? '', /^[\d,.]+$/, row);
      t.equal(cells[10], '0', 'none failed');
      t.match(bench.stdout, `\n- ${cells[1]}: \``, 'the command is named');
    }
  });

t.test('the figures beside the tables have a row each, and all is saved', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-results-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const bench = new NodeProcess(t, [BENCH, ...FEW, '--only', '2000 counters', '--save', join(folder, 'a')]);
  t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
  t.match(bench.stdout, /## Looking at 2000 counters\n\n.*\n.*\n(\| .*\d ms \| (-|at most 10) \|\n){8}/);
  t.match(bench.stdout, /\| process memory for each counter \| [\d,.]+ bytes \|/);
  t.same(
    readdirSync(join(folder, 'a')).map((name) => name.replace(/^.*\./, '')),
    ['json', 'md'],
  );
});

t.test('what is asked for wrongly is refused with the status 2, and nothing runs', async (t) => {
  const faults: [args: string[], error: RegExp][] = [
    [['--trials', '0'], /'--trials <number>' argument '0' is invalid\. A whole number from 1 was expected\./],
    [['--seconds', '0.5'], /'--seconds <number>' argument '0\.5' is invalid/],
    [['--onyl', 'x'], /unknown option '--onyl'/],
    [['--only', 'nothing at all'], /no title has 'nothing at all' in it/],
    [['something'], /too many arguments/],
  ];
  for (const [args, error] of faults) {
    const bench = new NodeProcess(t, [BENCH, ...args]);
    t.same(await bench.exit, { code: 2, signal: null }, args.join(' '));
    t.match(bench.stderr, error);
    t.equal(bench.stdout, '');
  }
});
