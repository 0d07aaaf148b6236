import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { metricsOf } from '../../contract/exposition.js';
import { serve } from '../../contract/service.js';
import { ROOT } from '../../node-process.js';

const ALERTS = join(ROOT, 'docs', 'prometheus-alerts.yml');
const DASHBOARD = join(ROOT, 'docs', 'grafana-dashboard.json');

/** In CI a program that is missing is a failure. */
const HAS_PROMTOOL = spawnSync('promtool', ['--version']).error === undefined || process.env.CI !== undefined;

/** What can be a metric's name in an expression of Prometheus: all that begins as ours and the process's do. */
function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(incrementer|process|nodejs)_[a-z0-9_]+/g))];
}

t.test('every metric of the alert rules and of the dashboard is one that the server has', async (t) => {
  const wire = await (await serve(t, 'node')).connect(t);
  // What a histogram is asked for are its series, of which each stands for itself.
  const known = new Set<string>();
  for (const [name, { type, values }] of await metricsOf(wire)) {
    known.add(name);
    for (const series of values.keys()) known.add(series.replace(/\{.*/, ''));
    if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) known.add(`${name}_${part}`);
  }
  for (const file of [ALERTS, DASHBOARD]) {
    const names = namesIn(readFileSync(file, 'utf8'));
    t.ok(names.length > 5, `${names.length} names`);
    t.same(
      names.filter((name) => !known.has(name)),
      [],
      file,
    );
  }
});

t.test('every metric of ours is shown on the dashboard, or watched by a rule', async (t) => {
  const wire = await (await serve(t, 'node')).connect(t);
  const ours = [...(await metricsOf(wire)).keys()].filter((name) => name.startsWith('incrementer_'));
  const used = namesIn(readFileSync(ALERTS, 'utf8') + readFileSync(DASHBOARD, 'utf8')).map((name) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
  t.same(
    ours.filter((name) => !used.includes(name)),
    [],
  );
});

t.test('Prometheus takes the alert rules', { skip: HAS_PROMTOOL ? false : 'promtool is not installed' }, async (t) => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', ALERTS], { encoding: 'utf8' });
  t.equal(status, 0, `${stdout}${stderr}`);
  t.match(stdout, /SUCCESS: \d+ rules found/);
});

t.test('Prometheus takes the metrics', { skip: HAS_PROMTOOL ? false : 'promtool is not installed' }, async (t) => {
  const service = await serve(t, 'node');
  const text = await (await fetch(`http://127.0.0.1:${service.port}/metrics`)).text();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input: text });
  // 3 is what it says of names that could be better; ours are to be good, those of the process are the library's.
  t.ok(status === 0 || status === 3, `${status} ${stdout}${stderr}`);
  t.notMatch(`${stdout}${stderr}`, /^incrementer_/m);
});
