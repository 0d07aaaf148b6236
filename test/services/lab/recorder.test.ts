import { test } from 'tap';
import { Lab } from '../../../dist/services/lab/lab.js';
import { Recorder } from '../../../dist/services/lab/recorder.js';
import { SlowResource } from '../../../dist/services/lab/slow-resource.js';
import { Clock } from '../../clock.js';

const DELAY_MS = 450;
const TICK_MS = 100;

function rig(limit = 0) {
  const clock = new Clock();
  const { nowMs, after } = clock;
  const resource = new SlowResource({ delayMs: DELAY_MS, limit: limit === 0 ? 1_000 : limit, nowMs, after });
  const lab = new Lab({ resource, limit, nowMs });
  const recorder = new Recorder(lab, nowMs);
  const tick = () => {
    clock.advance(TICK_MS);
    return recorder.tick();
  };
  return { clock, lab, recorder, tick };
}

test('where nothing goes on, nothing is recorded, and nothing told', async (t) => {
  const { recorder, tick } = rig();
  t.equal(tick(), undefined);
  t.equal(tick(), undefined);
  t.same(recorder.state.samples, []);
});

test('a sample has the most that there was within its tick, and the line begins and ends at zero', async (t) => {
  const { lab, recorder, tick } = rig();
  for (let i = 0; i < 5; i++) tick();
  for (let i = 0; i < 3; i++) lab.serial(() => undefined);
  lab.async();
  t.same(tick()?.samples, [
    { at: 500, uses: 0, waiting: 0 },
    { at: 600, uses: 4, waiting: 3 },
  ]);
  for (let i = 0; i < 10; i++) tick();
  t.same(
    recorder.state.samples.map(({ uses, waiting }) => [uses, waiting]),
    [
      [0, 0],
      [4, 3],
      [4, 3],
      [4, 3],
      [4, 3],
      [4, 3],
      [0, 0],
    ],
  );
});

test('only what has changed is told', async (t) => {
  const { lab, tick } = rig();
  lab.async();
  t.same(Object.keys(tick() ?? {}), ['samples', 'async']);
  t.same(Object.keys(tick() ?? {}), ['samples']);
});

test('no more than a minute is kept', async (t) => {
  const { lab, recorder, tick } = rig();
  for (let i = 0; i < 700; i++) {
    lab.async();
    tick();
  }
  t.equal(recorder.state.samples.length, 601);
});

test('a run has what came since the endpoint was quiet, and what it began', async (t) => {
  const { clock, lab } = rig(2);
  for (let i = 0; i < 3; i++) lab.serial(() => undefined);
  clock.advance(DELAY_MS);
  lab.async();
  t.match(lab.runs.serial, { run: 1, requests: 3, completed: 2, refused: 1, most_uses: 2, per_second: 7 });
  for (const ms of [lab.runs.serial.wait_p50_ms, lab.runs.serial.wait_max_ms]) t.ok(Math.abs(ms - DELAY_MS) < 1, `${ms} ms`);
  t.match(lab.runs.async, { run: 1, requests: 1, completed: 0, refused: 0, most_uses: 1, wait_max_ms: 0.001 });
  clock.advance(1_999);
  lab.serial(() => undefined);
  t.match(lab.runs.serial, { run: 1, requests: 4 });
  clock.advance(DELAY_MS + 2_000);
  lab.serial(() => undefined);
  t.match(lab.runs.serial, { run: 2, requests: 1, completed: 0, refused: 0, wait_max_ms: 0, per_second: 0 });
});

test('a use that a run has left behind is no use of the next one', async (t) => {
  const clock = new Clock();
  const { nowMs, after } = clock;
  const resource = new SlowResource({ delayMs: 5_000, limit: 10, nowMs, after });
  const lab = new Lab({ resource, limit: 0, nowMs });
  lab.async();
  clock.advance(3_000);
  lab.async();
  t.match(lab.runs.async, { run: 2, requests: 1, most_uses: 1 });
  clock.advance(2_000);
  t.match(lab.runs.async, { run: 2, completed: 0 });
  clock.advance(3_000);
  t.match(lab.runs.async, { run: 2, completed: 1 });
});

test('without a limit there is one nonetheless, with a name of its own', async (t) => {
  const clock = new Clock();
  const resource = new SlowResource({ delayMs: DELAY_MS, limit: 1, nowMs: clock.nowMs, after: clock.after });
  const lab = new Lab({ resource, limit: 0, nowMs: clock.nowMs });
  t.equal(lab.async(), undefined);
  t.equal(lab.async()?.code, 'too-many-uses');
  t.equal(lab.serial(() => t.fail('it was refused'))?.status, 503);
});
