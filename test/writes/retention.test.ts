import t from 'tap';
import { start } from '../../dist/index.js';
import { until } from '../condition.js';
import { expectProblem } from '../contract/expectation.js';
import { serve, TRANSPORTS } from '../contract/service.js';
import { post, type Reply } from '../contract/wire.js';
import { counted, durability, expectReplay, keptKeys, keyed, stored } from './written.js';

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('keys survive a clean restart, and so do their replies', async (t) => {
      const first = await serve(t, transport, { syncInterval: '10h' });
      const wire = await first.connect(t);
      const requests = ['application/json', 'text/plain'].map((Accept, i) =>
        post(`key=kept-${i}&value=5`, { Accept, ...keyed(`kept-${i}`) }),
      );
      const originals: Reply[] = [];
      for (const request of requests) originals.push(await wire.exchange(request));
      await first.stop();
      await t.test('the next run', async (t) => {
        const second = await serve(t, transport, { db: first.db });
        const wire = await second.connect(t);
        const { seq } = await durability(wire);
        for (const [i, request] of requests.entries()) expectReplay(t, await wire.exchange(request), originals[i] as Reply);
        t.strictSame([await counted(wire, 'kept-0'), await counted(wire, 'kept-1')], [5, 5]);
        expectProblem(t, await wire.exchange(post('key=kept-0&value=6', keyed('kept-0'))), 422, 'idempotency-key-reused');
        t.equal((await durability(wire)).seq, seq, 'nothing of this was a write');
      });
    });

    t.test('a key that has expired is free again, and its row is gone from the file', async (t) => {
      const first = await serve(t, transport, { syncInterval: '50ms', idempotencyTtl: '300ms' });
      const wire = await first.connect(t);
      const bytes = post('key=again', keyed('again'));
      await wire.exchange(post('key=other&durability=disk', keyed('other')));
      t.strictSame(keptKeys(first.db), ['other']);
      await until('the row is gone', () => keptKeys(first.db).length === 0);
      t.equal((await wire.exchange(bytes)).status, 200);
      const again = await until('it counts again', async () => {
        const reply = await wire.exchange(bytes);
        return reply.headers.has('idempotency-replayed') ? undefined : reply;
      });
      t.match(JSON.parse(again.body), { key: 'again', value: 2 });
      await first.stop();
      t.equal(stored(first.db, 'again'), 2, 'both writes are in the file');
      await t.test('the next run', async (t) => {
        const second = await serve(t, transport, { db: first.db, syncInterval: '50ms', idempotencyTtl: '300ms' });
        await until('what was kept expires there as well', () => keptKeys(first.db).length === 0);
        t.equal(await counted(await second.connect(t), 'again'), 2);
      });
    });

    t.test('a key that is used again after it has expired survives with its second write', async (t) => {
      const first = await serve(t, transport, { syncInterval: '10h', idempotencyTtl: '100ms' });
      const wire = await first.connect(t);
      const bytes = post('key=second&durability=disk', keyed('second'));
      await wire.exchange(bytes);
      const again = await until('it counts again', async () => {
        const reply = await wire.exchange(bytes);
        return reply.headers.has('idempotency-replayed') ? undefined : reply;
      });
      t.strictSame([stored(first.db, 'second'), keptKeys(first.db)], [2, ['second']]);
      t.match(JSON.parse(again.body), { value: 2, durable: true });
    });

    t.test('as many keys are kept as there may be; then others are refused by name, and nothing is evicted', async (t) => {
      const service = await serve(t, transport, { syncInterval: '50ms', idempotencyTtl: '2s', idempotencyMax: '3' });
      const wire = await service.connect(t);
      const originals: Reply[] = [];
      for (let i = 0; i < 3; i++) originals.push(await wire.exchange(post(`key=full-${i}`, keyed(`full-${i}`))));
      const before = await durability(wire);
      const refused = await wire.exchange(post('key=full-3', keyed('full-3')));
      const isFull = refused.status === 503;
      // On a machine that stood still for two seconds they have expired.
      if (isFull) expectProblem(t, refused, 503, 'idempotency-full');
      if (isFull) t.equal((await durability(wire)).seq, before.seq, 'it made no write');
      for (let i = 0; isFull && i < 3; i++) {
        const repeat = await wire.exchange(post(`key=full-${i}`, keyed(`full-${i}`)));
        if (repeat.headers.has('idempotency-replayed')) expectReplay(t, repeat, originals[i] as Reply);
      }
      t.equal((await wire.exchange(post('key=plain'))).status, 200, 'writes without a key are no business of this');
      await until('there is room again', async () => (await wire.exchange(post('key=room', keyed('room')))).status === 200);
      t.equal(await counted(wire, 'room'), 1, 'the refused attempts counted nothing');
    });

    t.test('a file with more keys than there may be is refused, and left as it is', async (t) => {
      const first = await serve(t, transport, { syncInterval: '10h' });
      const wire = await first.connect(t);
      for (let i = 0; i < 3; i++) await wire.exchange(post('key=many', keyed(`many-${i}`)));
      await first.stop();
      const options = { port: '0', db: first.db, transport };
      await t.rejects(start({ ...options, idempotencyMax: '2' }), { name: 'StoreRefusal', message: /--idempotency-max/ });
      t.equal(keptKeys(first.db).length, 3);
      const next = await start({ ...options, idempotencyMax: '3' });
      t.equal(await next.close(), true, 'with room for them it starts');
    });
  });
}
