import { once } from 'node:events';
import { connect } from 'node:net';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { expectCounted, expectProblem } from './expectation.js';
import { type Service, serve, TRANSPORTS } from './service.js';
import { Closed, encode, post } from './wire.js';

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('a stop answers what has begun, then ends every connection', async (t) => {
      const service = await serve(t, transport);
      const idle = await service.connect(t);
      expectCounted(t, await idle.exchange(post('key=idle')), 'idle', '1');
      const busy = await Promise.all(Array.from({ length: 20 }, () => service.connect(t)));
      const request = post('key=begun');
      for (const wire of busy) await wire.flush(request.slice(0, -3));
      const asking = await service.connect(t);
      await asking.flush(encode({ target: '/readyz' }).slice(0, -2));
      // An answered request on a connection made later: what was sent before has been read.
      await (await service.connect(t)).exchange(post('key=begun&value=0'));

      const stopped = service.stop();
      await expectRefused(t, service);
      asking.send('\r\n');
      expectProblem(t, await asking.reply(), 503, 'not-ready', undefined, { reasons: ['stopping'] });
      await asking.closed;
      for (const [i, wire] of busy.entries()) {
        wire.send(request.slice(-3));
        expectCounted(t, await wire.reply(), 'begun', `${i + 1}`);
        t.equal(await wire.rest(), '', 'the connection ends after the reply');
      }
      t.equal(await stopped, true, 'everything is on disk');
      await idle.closed;
      t.strictSame(stored(service), { begun: 20, idle: 1 });
    });

    t.test('a stop under load loses nothing that was acknowledged', async (t) => {
      const service = await serve(t, transport);
      const acknowledged = new Map<string, number>();
      let total = 0;
      let stopped: Promise<boolean> | undefined;
      const clients = Array.from({ length: 50 }, async (_, client) => {
        const key = `client-${client}`;
        const wire = await service.connect(t);
        try {
          for (;;) {
            const { status, body } = await wire.exchange(post(`key=${key}`));
            if (status !== 200) {
              t.match(body, '"code":"stopping"', 'a refusal says why');
              return;
            }
            acknowledged.set(key, (JSON.parse(body) as { value: number }).value);
            if (++total === 5_000) stopped = service.stop();
          }
        } catch (error) {
          if (!(error instanceof Closed)) throw error;
        }
      });
      await Promise.all(clients);
      t.equal(await stopped, true, 'everything is on disk');
      await expectRefused(t, service);
      const values = stored(service);
      const off = [...acknowledged].filter(([key, value]) => {
        // One more may have been counted whose reply did not come through.
        const written = values[key] ?? 0;
        return written !== value && written !== value + 1;
      });
      t.strictSame(off, [], 'the file has every acknowledged write');
      t.equal(acknowledged.size, 50, 'every client counted');
    });

    t.test('a client that never finishes its request does not keep the server from stopping', async (t) => {
      const service = await serve(t, transport, { stopTimeout: '1s' });
      const wire = await service.connect(t);
      const other = await service.connect(t);
      await wire.flush(post('key=unfinished').slice(0, -3));
      expectCounted(t, await other.exchange(post('key=finished')), 'finished', '1');
      t.equal(await service.stop(), true, 'everything is on disk');
      await wire.closed;
      t.strictSame(stored(service), { finished: 1 });
    });

    t.test('clients that broke off do not hold a stop up', async (t) => {
      const service = await serve(t, transport, { stopTimeout: '10m' });
      for (let i = 0; i < 30; i++) {
        const wire = await service.connect(t);
        await wire.flush(post('key=pipelined').repeat(20));
        wire.reset();
        await wire.closed;
      }
      t.equal(await service.stop(), true, 'the stop comes to its end');
    });
  });
}

/** That the port takes no more connections, soon. */
async function expectRefused(t: Test, service: Service): Promise<void> {
  const socket = connect(service.port, '127.0.0.1');
  await t.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' }, 'no new connection is taken');
  socket.destroy();
}

function stored({ db }: Service): Record<string, number> {
  const file = new Database(db, { readonly: true });
  const rows = file.prepare<[], { key: string; value: number }>('SELECT key, value FROM numbers ORDER BY key').all();
  file.close();
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}
