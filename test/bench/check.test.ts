import { test } from 'tap';
import { check, DISTURBED_CORES, hasFailed, judge, MARGIN, type Measure, type Pair, tap } from '../../dist/bench/check.js';

const BASELINE = { 'POST /increment': 1.2, 'GET /points': 1 };
const NAMES = Object.keys(BASELINE);

/** Pairs with these ratios, on a machine that nobody else uses. */
function pairs(...ratios: number[]): Pair[] {
  return ratios.map((ratio) => ({ own: ratio * 8, floor: 8, otherCores: 0.05 }));
}

test('a server that takes a fifth more of the processor is slower; one that takes a tenth more is not', async (t) => {
  const slowedBy = (factor: number) => judge('POST /increment', pairs(1.199 * factor, 1.2 * factor, 1.201 * factor), 1.2);
  t.equal(slowedBy(1).outcome, 'within');
  t.equal(slowedBy(1.1).outcome, 'within');
  t.equal(slowedBy(1 + MARGIN).outcome, 'within', 'up to the margin');
  t.equal(slowedBy(1 + MARGIN + 0.01).outcome, 'slower', 'and not beyond');
  t.equal(slowedBy(1.2).outcome, 'slower');
});

test('trials that something made dearer decide nothing, where the cheapest is as cheap as ever', async (t) => {
  t.equal(judge('POST /increment', pairs(1.2, 9, 1.2), 1.2).outcome, 'within');
  t.equal(judge('POST /increment', pairs(9, 9, 1.2), 1.2).outcome, 'within');
  const floorDisturbed = [...pairs(1.6, 1.6), { own: 16, floor: 16, otherCores: 0 }];
  t.equal(judge('POST /increment', floorDisturbed, 1.2).outcome, 'slower', 'a dear floor is no excuse');
});

test('where others keep the machine busy there is no verdict, unless it is a good one', async (t) => {
  const busy = (ratio: number) => pairs(ratio, ratio, ratio).map((pair) => ({ ...pair, otherCores: DISTURBED_CORES }));
  t.equal(judge('POST /increment', busy(2), 1.2).outcome, 'disturbed');
  t.equal(judge('POST /increment', busy(1.2), 1.2).outcome, 'within');
});

test('what can not be measured, or has no baseline, has failed', async (t) => {
  t.ok(hasFailed(judge('POST /increment', pairs(Number.NaN), 1.2)));
  t.ok(hasFailed(judge('POST /increment', [], 1.2)));
  t.ok(hasFailed(judge('POST /increment', pairs(1.2), undefined)));
});

/** Measures what it is given, one after the other, and notes what it was asked for. */
function scripted(...results: Record<string, number[]>[]): {
  measure: Measure;
  asked: [names: readonly string[], trials: number][];
} {
  const asked: [names: readonly string[], trials: number][] = [];
  const measure: Measure = async (names, trials) => {
    asked.push([names, trials]);
    const result = results.shift() ?? {};
    return new Map(names.map((name) => [name, pairs(...(result[name] ?? []))]));
  };
  return { measure, asked };
}

test('what is as fast as ever is measured once', async (t) => {
  const { measure, asked } = scripted({ 'POST /increment': [1.25], 'GET /points': [1.05] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.notOk(verdicts.some(hasFailed));
  t.same(asked, [[NAMES, 3]]);
});

test('what looks slower is measured again, alone and for longer; noise passes', async (t) => {
  const { measure, asked } = scripted({ 'POST /increment': [1.6], 'GET /points': [1.1] }, { 'POST /increment': [1.22] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.notOk(verdicts.some(hasFailed));
  t.same(asked, [
    [NAMES, 3],
    [['POST /increment'], 5],
  ]);
});

test('what is slower in the repeat too fails, and the line says by how much', async (t) => {
  const { measure } = scripted({ 'POST /increment': [1.6], 'GET /points': [1.1] }, { 'POST /increment': [1.5, 1.55, 1.6] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.same(verdicts.map(hasFailed), [true, false]);
  t.equal(
    tap(verdicts),
    [
      'TAP version 14',
      '1..2',
      "not ok 1 - POST /increment: server CPU 1.55 times the floor's, at best 1.50; baseline 1.20, at most 1.38, in a repeat",
      "ok 2 - GET /points: server CPU 1.10 times the floor's, at best 1.10; baseline 1.00, at most 1.15",
      '',
    ].join('\n'),
  );
});
