import { fileURLToPath } from 'node:url';
import t from 'tap';
import { NodeProcess } from './node-process.js';

const BENCH = fileURLToPath(new URL('../dist/bench/run.js', import.meta.url));

t.test('the benchmark prints a figure for each row, and no request fails', async (t) => {
  const bench = new NodeProcess(t, [BENCH, '--trials', '1', '--seconds', '1', '--dirty', '2000', '--counters', '2000']);
  t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
  const output = bench.stdout;
  const rows = output.split('\n').filter((line) => /^\| (floor|incrementer|Redis)/.test(line));
  t.equal(rows.length, 13);
  for (const row of rows) {
    const cells = row.split('|').map((cell) => cell.trim());
    t.match(cells[2] ?? '', /^\d+ \(\d+-\d+\) x\d+\.\d\d$/, row);
    t.equal(cells.at(-2), '0', 'none failed');
  }
  t.match(output, /A drain of 2000 dirty counters: \d+ ms, longest pause/);
  t.equal([...output.matchAll(/: \d+ ms, longest pause \d+\.\d ms$/gm)].length, 4, 'four ways to look at all counters');
  t.match(output, /2000 counters: loaded in/);
});
