import { setTimeout as delay } from 'node:timers/promises';
import { CounterService } from '#dist/services/counters/service.js';
import { COUNTER_TABLES } from '#dist/services/counters/tables.js';
import { Top } from '#dist/services/counters/top.js';
import { Engine } from './engine.js';
import { type Pause, pauseIn } from './pause.js';

const PAGE = 1_000;

/** One way to look at all counters. */
export interface Look extends Pause {
  readonly what: string;
}

/** To be run as a process of its own: looks at as many counters as it is told in every way there is, and prints Looks. */
console.log(JSON.stringify(await looks(Number(process.argv[2]))));

async function looks(count: number): Promise<Look[]> {
  const engine = new Engine(COUNTER_TABLES, count + 1);
  const { counters, table } = new CounterService({
    writes: engine.writes,
    maxCounters: count,
    maxSources: 1,
    wallMs: Date.now,
  });
  await engine.start();
  for (let i = 0; i < count; i++) counters.increment(`counter:${(i * 7_919) % count}`, i);
  await delay(1_000);
  const seen = [
    await look('the order is built', () => table.ready()),
    await look(`all pages of ${PAGE}`, async () => {
      for (let after: string | undefined = ''; after !== undefined; await delay(0)) {
        after = table.page('', after, PAGE).at(-1)?.key;
      }
    }),
    await look('top 100', () => {
      const top = new Top(100);
      return table.scan('', (key, value) => top.add(key, value));
    }),
    await look('sum', () => table.scan('', () => undefined)),
  ];
  await engine.end();
  return seen;
}

async function look(what: string, run: () => Promise<void>): Promise<Look> {
  return { what, ...(await pauseIn(run)) };
}
