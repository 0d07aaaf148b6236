import t from 'tap';
import { TRANSPORTS } from '../contract/service.js';
import { KINDS } from './next-step.js';
import { EVENTS, Run } from './run.js';
import { Subject } from './subject.js';

/** MODEL_SEED=… repeats a run; MODEL_STEPS=… makes it longer. */
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
const steps = Number(process.env.MODEL_STEPS ?? 5_000);

t.setTimeout(600_000);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, ${steps} random steps have the answers that plain Maps give`, async (t) => {
    t.comment(`MODEL_SEED=${seed}`);
    const run = new Run(seed, new Subject(t, transport));
    await run.start();
    await run.take(steps);
    // Those are rare enough for a run to have had none, and the last of them sees all of it in the file.
    for (const event of EVENTS) await run.happen(event);
    await run.happen('stop');
    t.comment(JSON.stringify(Object.fromEntries(run.done)));
    for (const kind of KINDS) t.ok(run.done.has(kind), `some steps are of the kind: ${kind}`);
    const { counters, sources, kept, ends } = run.model;
    t.ok(
      [counters, sources, kept, ends].every(({ size }) => size > 20),
      'in the end there is something of everything',
    );
  });
}
