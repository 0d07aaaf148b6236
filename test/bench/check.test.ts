import { test } from 'tap';
import { check, judge, MARGIN, type Measure, tap } from '../../dist/bench/check.js';

const BASELINE = { 'POST /increment': 1.2, 'GET /points': 1.1 };
const NAMES = Object.keys(BASELINE);

test('a server that takes a fifth more of the processor is slower; one that takes a tenth more is not', async (t) => {
  const slowedBy = (factor: number) => [1.19, 1.2, 1.21].map((ratio) => ratio * factor);
  t.ok(judge('POST /increment', slowedBy(1), 1.2).isWithin);
  t.ok(judge('POST /increment', slowedBy(1.1), 1.2).isWithin);
  t.ok(judge('POST /increment', slowedBy(1 + MARGIN - 0.001), 1.2).isWithin, 'up to the margin');
  t.notOk(judge('POST /increment', slowedBy(1 + MARGIN + 0.001), 1.2).isWithin, 'and not beyond');
  t.notOk(judge('POST /increment', slowedBy(1.2), 1.2).isWithin);
});

test('one bad trial of three decides nothing', async (t) => {
  t.ok(judge('POST /increment', [1.2, 9, 1.2], 1.2).isWithin);
  t.notOk(judge('POST /increment', [9, 9, 1.2], 1.2).isWithin);
});

test('what can not be measured, or has no baseline, is not within', async (t) => {
  t.notOk(judge('POST /increment', [Number.NaN], 1.2).isWithin);
  t.notOk(judge('POST /increment', [], 1.2).isWithin);
  t.notOk(judge('POST /increment', [1.2], undefined).isWithin);
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
    return new Map(names.map((name) => [name, result[name] ?? []]));
  };
  return { measure, asked };
}

test('what is as fast as ever is measured once', async (t) => {
  const { measure, asked } = scripted({ 'POST /increment': [1.25], 'GET /points': [1.05] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.ok(verdicts.every(({ isWithin }) => isWithin));
  t.same(asked, [[NAMES, 3]]);
});

test('what looks slower is measured again, alone and for longer; noise passes', async (t) => {
  const { measure, asked } = scripted({ 'POST /increment': [1.6], 'GET /points': [1.1] }, { 'POST /increment': [1.22] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.ok(verdicts.every(({ isWithin }) => isWithin));
  t.same(asked, [
    [NAMES, 3],
    [['POST /increment'], 5],
  ]);
});

test('what is slower in the repeat too fails, and the line says by how much', async (t) => {
  const { measure } = scripted({ 'POST /increment': [1.6], 'GET /points': [1.1] }, { 'POST /increment': [1.5] });
  const verdicts = await check(NAMES, BASELINE, 3, measure);
  t.same(
    verdicts.map(({ isWithin }) => isWithin),
    [false, true],
  );
  t.equal(
    tap(verdicts),
    [
      'TAP version 14',
      '1..2',
      "not ok 1 - POST /increment: server CPU 1.50 times the floor's, baseline 1.20, at most 1.38, in a repeat",
      "ok 2 - GET /points: server CPU 1.10 times the floor's, baseline 1.10, at most 1.27",
      '',
    ].join('\n'),
  );
});
