import t from 'tap';
import type { Exchange } from '../../dist/http/exchange.js';
import type { Route } from '../../dist/http/route.js';
import { faultOf } from '../../dist/http/transport.js';
import { route, serveBare } from './bare.js';
import { expectProblem } from './expectation.js';
import { TRANSPORTS } from './service.js';
import { encode } from './wire.js';

const fault = new Error('a fault');

function fail(): never {
  throw fault;
}

function post(target: string): string {
  return encode({ method: 'POST', target, body: 'body' });
}

/** A route that takes a body in pieces. */
function streamed(path: string, handle: (exchange: Exchange) => void): Route {
  return route({ method: 'POST', path, bodyBytesMax: 1_000, body: 'streamed', handle });
}

const routes = [
  route({ path: '/begin', handle: fail }),
  route({ method: 'POST', path: '/whole', bodyBytesMax: 1_000, handle: fail }),
  route({
    path: '/replied',
    handle: (exchange) => {
      exchange.reply(200, 'text/plain', 'a reply');
      fail();
    },
  }),
  route({
    path: '/called-back',
    handle: (exchange) => {
      setTimeout(() => exchange.reply(200, 'text/plain', 'too late'), 10);
      fail();
    },
  }),
  streamed('/streamed', fail),
  streamed('/piece', (exchange) => exchange.receive({ piece: fail, end: fail, abort: () => undefined })),
  streamed('/end', (exchange) => exchange.receive({ piece: () => undefined, end: fail, abort: () => undefined })),
  route({ path: '/sound', handle: (exchange) => exchange.reply(200, 'text/plain', 'sound') }),
];

for (const name of TRANSPORTS) {
  t.test(`over ${name}`, async (t) => {
    const told: [error: unknown, requestId: string][] = [];
    const onFault = (error: unknown, { requestId }: Exchange) => told.push([error, requestId]);
    const bare = await serveBare(t, name, routes, { onFault });

    const asked: [what: string, request: string][] = [
      ['a handler', encode({ target: '/begin' })],
      ['a handler of a HEAD', encode({ method: 'HEAD', target: '/begin' })],
      ['a handler with a body', post('/whole')],
      ['a handler that waits for something', encode({ target: '/called-back' })],
      ['a handler of a body in pieces', post('/streamed')],
      ['one who takes pieces', post('/piece')],
      ['one who has the whole body', post('/end')],
    ];
    for (const [what, request] of asked) {
      t.test(`a fault of ${what} is told, and is the end of nothing but its request`, async (t) => {
        const wire = await bare.connect(t);
        told.length = 0;
        const reply = await wire.exchange(request);
        t.equal(reply.status, 500);
        t.same(told, [[fault, reply.headers.get('x-request-id')]]);
        if (reply.body !== '') expectProblem(t, reply, 500, 'internal-error');
        else t.match(request, /^HEAD /, 'only a HEAD gets no problem');
        await new Promise((resolve) => setTimeout(resolve, 20));
        t.equal((await wire.exchange(encode({ target: '/sound' }))).body, 'sound', 'the connection lives on');
        t.equal(told.length, 1);
      });
    }

    t.test('who was replied to before hears nothing of it', async (t) => {
      const wire = await bare.connect(t);
      told.length = 0;
      t.equal((await wire.exchange(encode({ target: '/replied' }))).body, 'a reply');
      t.equal(told.length, 1);
      t.equal((await wire.exchange(encode({ target: '/sound' }))).body, 'sound');
    });

    t.test('a request that comes in pieces is refused at its end, whichever piece it was', async (t) => {
      const wire = await bare.connect(t);
      wire.send('POST /piece HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc');
      await new Promise((resolve) => setTimeout(resolve, 50));
      wire.send('def');
      wire.send('ghi');
      expectProblem(t, await wire.reply(), 500, 'internal-error');
      t.equal((await wire.exchange(encode({ target: '/sound' }))).body, 'sound');
    });
  });
}

t.test('a fault that nobody is to be told of is thrown on', async (t) => {
  t.throws(() => faultOf(fault, {} as Exchange, undefined), fault);
});
