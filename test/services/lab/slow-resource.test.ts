import fc from 'fast-check';
import { test } from 'tap';
import { SlowResource } from '../../../dist/services/lab/slow-resource.js';
import { Clock } from '../../clock.js';
import { holds } from '../../property.js';

const DELAY_MS = 50;

test('a use takes its time, whoever else uses it, and no more begin than may be', async (t) => {
  const steps = fc.array(fc.oneof(fc.constant('use' as const), fc.nat(40)), { maxLength: 60 });
  holds(
    t,
    fc.property(fc.integer({ min: 1, max: 6 }), steps, (limit, all) => {
      const { nowMs, after, ...clock } = rig();
      const resource = new SlowResource({ delayMs: DELAY_MS, limit, nowMs, after });
      const ends: number[] = [];
      const expected: number[] = [];
      let begun: number[] = [];
      let most = 0;
      for (const step of all) {
        if (step !== 'use') {
          clock.advance(step);
          begun = begun.filter((atMs) => atMs + DELAY_MS > nowMs());
        } else {
          const hasRoom = begun.length < limit;
          if (resource.use(() => ends.push(nowMs())) !== hasRoom) return false;
          if (!hasRoom) continue;
          begun.push(nowMs());
          expected.push(nowMs() + DELAY_MS);
          most = Math.max(most, begun.length);
        }
        if (resource.uses !== begun.length || clock.timers() > 1) return false;
      }
      if (resource.takeMost() !== most || resource.takeMost() !== begun.length) return false;
      clock.advance(DELAY_MS);
      t.same(ends, expected);
      return resource.uses === 0 && clock.timers() === 0;
    }),
    500,
  );
});

test('one who comes back when its use is over finds room', async (t) => {
  const { nowMs, after, ...clock } = rig();
  const resource = new SlowResource({ delayMs: DELAY_MS, limit: 1, nowMs, after });
  let uses = 0;
  const again = () => {
    uses++;
    if (uses < 1_000) t.equal(resource.use(again), true);
  };
  resource.use(again);
  clock.advance(1_000 * DELAY_MS);
  t.equal(uses, 1_000);
});

test('what is stopped tells nobody, and has no timer left', async (t) => {
  const { nowMs, after, ...clock } = rig();
  const resource = new SlowResource({ delayMs: DELAY_MS, limit: 3, nowMs, after });
  for (let i = 0; i < 3; i++) resource.use(() => t.fail('it was stopped'));
  resource.stop();
  t.equal(resource.uses, 0);
  t.equal(clock.timers(), 0);
  clock.advance(DELAY_MS);
  t.equal(
    resource.use(() => undefined),
    true,
    'and can be used again',
  );
});

function rig() {
  const clock = new Clock();
  return { nowMs: clock.nowMs, after: clock.after, advance: (ms: number) => clock.advance(ms), timers: () => clock.timers };
}
