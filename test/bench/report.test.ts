import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { limits } from '../../dist/bench/limits.js';
import { markdown } from '../../dist/bench/report.js';
import { type Results, save } from '../../dist/bench/results.js';
import { median, percentile } from '../../dist/bench/statistics.js';
import { RESULTS, TRIAL } from './sample-results.js';

test('a row has medians with the lowest and the highest, and ratios trial by trial', async (t) => {
  const lines = markdown(RESULTS).split('\n');
  t.ok(
    lines.includes(
      '| floor | 75,000 (50,000-100,000) | 1.00 | 0.50 (0.50-0.50) | 2.00 (2.00-2.00) | 3.00 (3.00-3.00) | 8.00 (8.00-8.00) | 1.00 | none | 0 |  |',
    ),
    'what limited one of two trials is no note',
  );
  t.ok(
    lines.includes(
      '| incrementer | 60,000 (40,000-80,000) | 0.80 | 0.50 (0.50-0.50) | 2.00 (2.00-2.00) | - | 10.00 (10.00-10.00) | 1.25 | none | 3 | generator-limited |',
    ),
  );
});

test('a row that could not run says why; what was published stands beside, as of another machine', async (t) => {
  const text = markdown(RESULTS);
  t.match(text, '| Webdis | - | - | - | - | - | - | - | none | - | webdis is not installed |');
  t.match(text, '| published | 767.5 | - | - | - | - | - | - | - | 1,634 | another server on another machine |');
});

test('a table without the floor is compared with that of increments in memory; without any, with nothing', async (t) => {
  const [table] = RESULTS.tables;
  if (table === undefined) throw new Error('the sample has no table');
  const other = { ...table, title: 'Another', rows: table.rows.filter(({ name }) => name === 'incrementer') };
  const ratios = (text: string) =>
    text.split('\n').flatMap((line) => (line.startsWith('| incrementer ') ? line.split(' | ')[7] : []));
  t.same(ratios(markdown({ ...RESULTS, tables: [{ ...table, title: 'Increments in memory' }, other] })), ['1.25', '1.25']);
  t.same(ratios(markdown({ ...RESULTS, tables: [other] })), ['-']);
});

test('the machine, the commit, what ran and what was to be reached are named', async (t) => {
  const text = markdown(RESULTS);
  t.match(text, '- incrementer 0.4.0, commit f8cf4dc; 2026-11-21T17:32:02.247Z\n');
  t.match(text, '- AMD EPYC, 2 cores; Linux 6.18; load 0.50 at the start\n- Node 20.20.2, siege not installed\n- trials 2\n');
  t.match(text, '- incrementer: `wrk -c100`\n');
  t.match(text, '| longest pause | 1.23 (0.90-4.00) ms | under 10 ms |\n');
});

test('results are saved under their date and commit, with every trial, and the report can be made again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-results-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = save(RESULTS, join(folder, 'results'));
  t.same(readdirSync(join(folder, 'results')), ['2026-11-21-f8cf4dc.json', '2026-11-21-f8cf4dc.md']);
  const stored = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Results;
  t.same(stored, RESULTS);
  t.equal(readFileSync(`${path}.md`, 'utf8'), markdown(stored));
});

test('a generator with no more to give is named before a machine with no more', async (t) => {
  const busy = (generatorCores: number, serverCores: number, otherCores = 0) => ({
    ...TRIAL,
    generatorCores,
    serverCores,
    otherCores,
  });
  t.same(limits({ trials: [busy(0.9, 0.9)], generatorThreads: 1 }, 2), ['generator-limited']);
  t.same(limits({ trials: [busy(0.8, 1)], generatorThreads: 1 }, 2), ['all cores busy']);
  t.same(limits({ trials: [busy(0.8, 0.8)], generatorThreads: 1 }, 2), []);
  t.same(limits({ trials: [busy(1.2, 0.7)], generatorThreads: 10 }, 2), ['all cores busy'], 'ten threads on two cores');
  t.same(limits({ trials: [busy(0.5, 0.5, 0.3)], generatorThreads: 1 }, 2), ['others at work']);
  t.same(
    limits({ trials: [{ ...TRIAL, generatorCores: null, serverCores: null, otherCores: null }], generatorThreads: 1 }, 2),
    [],
    'nothing is known',
  );
});

test('medians and percentiles', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
  t.ok(Number.isNaN(median([])));
  t.equal(percentile([1, 2, 3, 4], 50), 2);
  t.equal(percentile([1, 2, 3, 4], 99.9), 4);
  t.equal(percentile([1], 0), 1);
});
