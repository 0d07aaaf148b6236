import { expectCounted } from './expectation.js';
import { contract } from './service.js';
import { encode, post } from './wire.js';

/** A cut inside of the request line is a case for limitations.test.ts. */
const LINE = 'POST /increment HTTP/1.1\r\n'.length;

contract((t, service) => {
  t.test('one connection carries many requests', async (t) => {
    const wire = await service.connect(t);
    for (let i = 1; i <= 100; i++) expectCounted(t, await wire.exchange(post('key=again')), 'again', `${i}`);
  });

  t.test('pipelined requests in one packet are answered in order', async (t) => {
    const wire = await service.connect(t);
    const requests = Array.from({ length: 200 }, (_, i) => post(`key=piped-${i % 7}&value=${i}`));
    wire.send(requests.join(''));
    const totals = new Map<number, number>();
    for (let i = 0; i < requests.length; i++) {
      const total = (totals.get(i % 7) ?? 0) + i;
      totals.set(i % 7, total);
      expectCounted(t, await wire.reply(), `piped-${i % 7}`, `${total}`);
    }
  });

  t.test('pipelined requests of every kind are answered in order', async (t) => {
    const wire = await service.connect(t);
    const kinds = [
      { bytes: post('key=mixed'), status: 200 },
      { bytes: encode({ target: '/nowhere' }), status: 404 },
      { bytes: encode({ target: '/numbers/mixed' }), status: 200 },
      { bytes: encode({ method: 'PUT', target: '/increment', body: 'key=mixed' }), status: 405 },
      { bytes: post('key='), status: 400 },
      { bytes: encode({ target: '/numbers/mixed', body: 'unasked' }), status: 200 },
      { bytes: encode({ target: '/healthz' }), status: 200 },
    ];
    const requests = Array.from({ length: 70 }, (_, i) => kinds[i % kinds.length]).filter((kind) => kind !== undefined);
    wire.send(requests.map((request) => request.bytes).join(''));
    const statuses: number[] = [];
    for (const _ of requests) statuses.push((await wire.reply()).status);
    t.strictSame(
      statuses,
      requests.map((request) => request.status),
      'the statuses are those of the requests',
    );
  });

  t.test('a pipelined request that is split between packets is answered once it is whole', async (t) => {
    const wire = await service.connect(t);
    const requests = post('key=halves') + post('key=halves') + post('key=halves');
    const middle = Math.floor(requests.length / 2);
    await wire.flush(requests.slice(0, middle));
    expectCounted(t, await wire.reply(), 'halves', '1');
    wire.send(requests.slice(middle));
    expectCounted(t, await wire.reply(), 'halves', '2');
    expectCounted(t, await wire.reply(), 'halves', '3');
  });

  t.test('a connection is closed after the reply when the client asks for that', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post('key=last', { Connection: 'close' })), 'last', '1');
    t.equal(await wire.rest(), '', 'nothing comes after the reply');
    await wire.closed;
  });

  t.test('hundreds of connections at once get each its own replies', async (t) => {
    const clients = Array.from({ length: 300 }, async (_, client) => {
      const wire = await service.connect(t);
      const wrong: string[] = [];
      for (let i = 1; i <= 20; i++) {
        const { body } = await wire.exchange(post(`key=client-${client}&value=${client + 1}`));
        if (!body.startsWith(`{"key":"client-${client}","value":${i * (client + 1)},`)) wrong.push(body);
      }
      return wrong;
    });
    t.strictSame((await Promise.all(clients)).flat(), [], 'no reply went astray');
  });

  t.test('idle connections and half-sent requests keep nobody waiting', async (t) => {
    const request = post('key=never');
    for (let i = 0; i < 200; i++) {
      const wire = await service.connect(t);
      if (i % 2 === 1) await wire.flush(request.slice(0, LINE + (i % (request.length - LINE))));
    }
    const wire = await service.connect(t);
    for (let i = 1; i <= 20; i++) expectCounted(t, await wire.exchange(post('key=busy')), 'busy', `${i}`);
    t.equal((await wire.exchange(encode({ target: '/numbers/never' }))).status, 404, 'half a request counts nothing');
  });
});
