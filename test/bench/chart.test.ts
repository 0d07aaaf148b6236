import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { RESULTS } from './sample-results.js';

const CHART = fileURLToPath(new URL('../../dist/bench/chart.js', import.meta.url));

test('the chart has a bar for each row that ran, tells itself to who can not see it, and brings its background', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-chart-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, 'results.json'), join(folder, 'chart.svg')];
  writeFileSync(from, JSON.stringify(RESULTS));
  const chart = new NodeProcess(t, [CHART, from, to]);
  t.same(await chart.exit, { code: 0, signal: null }, chart.stderr);
  const svg = readFileSync(to, 'utf8');
  t.match(svg, /^<svg [^>]* role="img" aria-labelledby="title about"><title id="title">Increments a second/);
  t.match(svg, 'floor 75,000, 8.0 us of CPU each; incrementer 60,000*, 10.0 us of CPU each.</desc>');
  t.match(svg, '<rect width="860"');
  t.match(svg, 'fill="#ffffff"');
  t.match(svg, '>incrementer</text>');
  t.notMatch(svg, 'Webdis');
  t.match(svg, /^[\t\n -~]*$/, 'ASCII only');
});

test('without results there is no chart', async (t) => {
  const chart = new NodeProcess(t, [CHART]);
  t.same(await chart.exit, { code: 2, signal: null });
  t.match(chart.stderr, 'usage: chart.js RESULT.json OUT.svg');
});
