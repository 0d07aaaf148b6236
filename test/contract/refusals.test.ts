import t from 'tap';
import { PROBLEMS } from '../../dist/http/problem.js';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, serve, TRANSPORTS } from './service.js';
import { encode, post } from './wire.js';

contract((t, service) => {
  t.test('there is nothing at any other path', async (t) => {
    const wire = await service.connect(t);
    const paths = [
      '/favicon.ico',
      '/Increment',
      '/increment/',
      '/increment/a',
      '//increment',
      '/numbers/',
      '/increments/',
      '/numbers/a/sources/',
      '/numbers/a/sources/b/c',
      '/top/',
      '/numbers/a/b',
    ];
    for (const target of [...paths, '/numbers//a', '/__proto__', '/%69ncrement', '/problems/', '/healthz/', '/a?b=/increment']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        expectProblem(t, await wire.exchange(encode({ method, target })), 404, 'not-found');
      }
    }
  });

  for (const [target, allow, methods] of [
    ['/increment', 'POST', ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']],
    ['/increment?key=a', 'POST', ['GET', 'PUT']],
    ['/increments', 'POST', ['GET', 'PUT', 'DELETE']],
    ['/numbers/a', 'GET, HEAD, PUT, DELETE', ['POST', 'PATCH', 'OPTIONS']],
    ['/numbers/%ff', 'GET, HEAD, PUT, DELETE', ['POST']],
    ['/numbers/a/sources/b', 'PUT', ['GET', 'POST', 'DELETE']],
    ['/numbers/a/sources', 'GET, HEAD', ['PUT', 'POST', 'DELETE']],
    ['/numbers', 'GET, HEAD', ['POST', 'PUT', 'DELETE']],
    ['/top', 'GET, HEAD', ['POST']],
    ['/sum', 'GET, HEAD', ['POST']],
    ['/events', 'GET, HEAD', ['POST']],
    ['/healthz', 'GET, HEAD', ['POST', 'OPTIONS']],
  ] as const) {
    t.test(`${target} takes ${allow} only, and says so`, async (t) => {
      const wire = await service.connect(t);
      for (const method of methods) {
        const reply = await wire.exchange(encode({ method, target, body: 'key=a' }));
        expectProblem(t, reply, 405, 'method-not-allowed');
        t.equal(reply.headers.get('allow'), allow);
      }
      t.equal((await wire.exchange(encode({ target: '/numbers/a' }))).status, 404, 'nothing was counted');
    });
  }

  t.test('every problem is described where its type points', async (t) => {
    const wire = await service.connect(t);
    for (const [code, [status, title]] of Object.entries(PROBLEMS)) {
      const reply = await wire.exchange(encode({ target: `/problems/${code}` }));
      t.equal(reply.status, 200);
      t.strictSame(JSON.parse(reply.body), { type: `/problems/${code}`, title, status, code });
    }
    for (const code of ['nonsense', '__proto__', 'constructor', 'toString']) {
      expectProblem(t, await wire.exchange(encode({ target: `/problems/${code}` })), 404, 'not-found');
    }
  });

  t.test('a refusal leaves the connection as it was', async (t) => {
    const wire = await service.connect(t);
    const refused = [
      post('value=1'),
      post('key=a', { 'Content-Type': 'text/plain' }),
      encode({ method: 'PUT', target: '/increment', body: 'x'.repeat(100_000) }),
    ];
    for (const [i, request] of refused.entries()) {
      t.not((await wire.exchange(request)).status, 200);
      expectCounted(t, await wire.exchange(post('key=still-there')), 'still-there', `${i + 1}`);
    }
  });
});

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}: new keys are refused with 503 when there is no room for them, known ones count`, async (t) => {
    const service = await serve(t, transport, { maxCounters: '2' });
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post('key=a')), 'a', '1');
    expectCounted(t, await wire.exchange(post('key=b')), 'b', '1');
    expectProblem(t, await wire.exchange(post('key=c')), 503, 'registry-full');
    expectCounted(t, await wire.exchange(post('key=a')), 'a', '2');
    expectProblem(t, await wire.exchange(encode({ target: '/numbers/c' })), 404, 'unknown-key');
  });
}
