import t from 'tap';
import { until } from '../condition.js';
import { HeldFile } from '../writes/held-file.js';
import { ask } from './asking.js';
import { expectProblem } from './expectation.js';
import { serve, TRANSPORTS } from './service.js';
import { post } from './wire.js';

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, a server that is well says so, with no reasons`, async (t) => {
    const wire = await (await serve(t, transport)).connect(t);
    t.strictSame((await ask(wire, 'GET', '/healthz')).json, { status: 'ok', reasons: [] });
    t.strictSame((await ask(wire, 'GET', '/readyz')).json, { status: 'ready', reasons: [] });
  });

  t.test(`over ${transport}, one whose store fails gives the reason, and is alive`, async (t) => {
    const service = await serve(t, transport, { syncInterval: '10h', diskTimeout: '100ms' });
    const wire = await service.connect(t);
    const held = new HeldFile(t, service.db);
    await wire.exchange(post('key=a&durability=disk'));
    await until('it is said to fail', async () => (await ask(wire, 'GET', '/readyz')).status === 503);
    const unready = await ask(wire, 'GET', '/readyz');
    expectProblem(t, unready, 503, 'not-ready', undefined, { reasons: ['store-failing'] });
    t.equal(unready.json.detail, 'store-failing');
    const alive = await ask(wire, 'GET', '/healthz');
    t.strictSame([alive.status, alive.json], [200, { status: 'degraded', reasons: ['store-failing'] }]);
    held.release();
    await until('it works again', async () => (await ask(wire, 'GET', '/readyz')).status === 200);
  });
}
