import { fileURLToPath } from 'node:url';
import t from 'tap';
import { NodeProcess } from './node-process.js';

const BENCH = fileURLToPath(new URL('../dist/bench/run.js', import.meta.url));

t.test('the benchmark prints a figure for each row, and no request fails', async (t) => {
  const few = ['--dirty', '2000', '--counters', '2000', '--users', '2000'];
  const bench = new NodeProcess(t, [BENCH, '--trials', '1', '--seconds', '1', ...few]);
  t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
  const output = bench.stdout;
  const rows = output.split('\n').filter((line) => /^\| (floor|incrementer|Redis)/.test(line));
  t.equal(rows.length, 24);
  for (const row of rows) {
    const cells = row.split('|').map((cell) => cell.trim());
    t.match(cells[2] ?? '', /^\d+ \(\d+-\d+\) x\d+\.\d\d$/, row);
    t.equal(cells.at(-2), '0', 'none failed');
  }
  t.match(output, /Serial takes \d\.\d{3} times the ideal, which is 250 requests\/s; async is \d+ times as fast as serial/);
  t.match(output, /A tick over 2000 users: \d+ ms to draw, \d+ ms to write; longest pause/);
  t.match(output, /A drain of 2000 dirty counters: \d+ ms, longest pause/);
  t.equal([...output.matchAll(/: \d+ ms, longest pause \d+\.\d ms$/gm)].length, 4, 'four ways to look at all counters');
  t.match(output, /2000 counters: loaded in/);
});
