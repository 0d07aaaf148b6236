import t, { type Test } from 'tap';
import { ask } from './asking.js';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, type Service, serve, TRANSPORTS } from './service.js';
import { encode, post, type Reply, type Request } from './wire.js';

const APP = 'https://app.example';
const DEV = 'http://localhost:8080';
const EVIL = 'https://evil.example';

const ASKED: [what: string, request: Request, status: number][] = [
  ['a reply', { method: 'POST', target: '/increment', body: 'key=seen' }, 200],
  ['a reply that comes later', { method: 'POST', target: '/increment', body: 'key=later&durability=disk' }, 200],
  ['a reply to a body that is read in pieces', { method: 'POST', target: '/increments', body: 'key=pieces&value=1' }, 200],
  ['a reply without a body', { method: 'HEAD', target: '/healthz' }, 200],
  ['a problem', { method: 'POST', target: '/increment', body: '' }, 400],
  ['a path where there is nothing', { target: '/nowhere' }, 404],
  ['a preflight of a path where there is nothing', preflight('/nowhere', '', 'GET'), 404],
  ['a method that a path does not take', { method: 'GET', target: '/increment' }, 405],
  ['OPTIONS that asks for nothing', { method: 'OPTIONS', target: '/increment' }, 405],
  ['a body that is too large', { method: 'POST', target: '/increment', body: 'x'.repeat(65_537) }, 413],
];

function preflight(target: string, origin: string, method: string): Request {
  return { method: 'OPTIONS', target, headers: { Origin: origin, 'Access-Control-Request-Method': method } };
}

function from(origin: string, { headers, ...request }: Request): string {
  return encode({ ...request, headers: { ...headers, Origin: origin } });
}

contract(
  (t, service) => {
    for (const [what, request, status] of ASKED) {
      t.test(`${what} is for pages of the allowed origins, and of no other`, async (t) => {
        for (const origin of [APP, DEV]) {
          const reply = await answered(t, service, from(origin, request));
          t.equal(reply.status, status);
          expectAllowed(t, reply, origin);
          t.equal(reply.headers.get('vary'), 'Origin');
        }
        if (request.headers !== undefined) return;
        for (const origin of [EVIL, 'null', `${APP}:8443`, APP.toUpperCase(), '']) {
          const reply = await answered(t, service, from(origin, request));
          t.equal(reply.status, status, 'it is answered all the same');
          expectNotAllowed(t, reply);
          t.equal(reply.headers.get('vary'), 'Origin');
        }
        const reply = await answered(t, service, encode(request));
        expectNotAllowed(t, reply);
        t.equal(reply.headers.get('vary'), 'Origin', 'a cache must not keep it for those who are allowed');
      });
    }

    t.test('an event stream is for them too', async (t) => {
      for (const [origin, expect] of [
        [APP, (reply: Reply) => expectAllowed(t, reply, APP)],
        [EVIL, (reply: Reply) => expectNotAllowed(t, reply)],
      ] as const) {
        const wire = await service.connect(t);
        wire.send(from(origin, { target: '/events?key=a' }));
        const head = await wire.head();
        t.equal(head.headers.get('content-type'), 'text/event-stream');
        expect(head);
      }
    });

    t.test('what a page may read is named', async (t) => {
      const reply = await (await service.connect(t)).exchange(from(APP, { target: '/healthz' }));
      t.strictSame(reply.headers.get('access-control-expose-headers')?.split(', '), [
        'X-Request-Id',
        'Retry-After',
        'Idempotency-Replayed',
        'WWW-Authenticate',
        'Allow',
        'Link',
      ]);
    });

    for (const [target, methods] of [
      ['/increment', 'POST'],
      ['/increments', 'POST'],
      ['/increment?key=a', 'POST'],
      ['/numbers/a%2Fb', 'GET, HEAD, PUT, DELETE'],
      ['/numbers/a/sources/b', 'PUT'],
      ['/events', 'GET, HEAD'],
      ['/healthz', 'GET, HEAD'],
    ] as const) {
      t.test(`a preflight of ${target} is told ${methods}, in a reply without a body`, async (t) => {
        const wire = await service.connect(t);
        const request = preflight(target, APP, 'PUT');
        const headers = { ...request.headers, 'X-Request-Id': 'r-1', 'Access-Control-Request-Headers': 'content-type' };
        wire.send(encode({ ...request, headers }));
        const head = await wire.head();
        t.equal(head.status, 204);
        expectAllowed(t, head, APP);
        t.equal(head.headers.get('access-control-allow-methods'), methods);
        t.strictSame(head.headers.get('access-control-allow-headers')?.split(', '), [
          'Authorization',
          'Content-Type',
          'Idempotency-Key',
          'Prefer',
          'Last-Event-ID',
          'X-Request-Id',
        ]);
        t.match(head.headers.get('access-control-max-age'), /^[1-9]\d*$/);
        t.equal(head.headers.get('vary'), 'Origin');
        t.equal(head.headers.get('x-request-id'), 'r-1');
        for (const name of ['content-length', 'transfer-encoding', 'content-type']) t.notOk(head.headers.has(name), name);
        t.equal((await wire.exchange(encode({ target: '/healthz' }))).status, 200, 'the next reply follows at once');
      });
    }

    t.test('the connection of preflights goes on, one after the other and sent ahead', async (t) => {
      const wire = await service.connect(t);
      const bytes = encode(preflight('/increment', APP, 'POST'));
      for (let i = 1; i <= 20; i++) {
        wire.send(bytes);
        t.equal((await wire.head()).status, 204);
        expectCounted(t, await wire.exchange(post('key=kept', { Origin: APP })), 'kept', `${i}`);
      }
      wire.send((bytes + post('key=piped') + bytes + bytes).repeat(20));
      for (let i = 1; i <= 20; i++) {
        t.equal((await wire.head()).status, 204);
        expectCounted(t, await wire.reply(), 'piped', `${i}`);
        t.equal((await wire.head()).status, 204);
        t.equal((await wire.head()).status, 204);
      }
    });

    t.test('a preflight with a body leaves the connection as it was', async (t) => {
      const wire = await service.connect(t);
      wire.send(encode({ ...preflight('/increment', APP, 'POST'), body: 'x'.repeat(1_000) }) + post('key=behind'));
      t.equal((await wire.head()).status, 204);
      expectCounted(t, await wire.reply(), 'behind', '1');
    });

    t.test('a preflight on a connection that is to be closed closes it', async (t) => {
      const wire = await service.connect(t);
      const request = preflight('/increment', APP, 'POST');
      wire.send(encode({ ...request, headers: { ...request.headers, Connection: 'close' } }));
      t.equal((await wire.head()).status, 204);
      t.equal(await wire.rest(), '');
    });

    t.test('a preflight of another origin is refused, and the connection goes on', async (t) => {
      const wire = await service.connect(t);
      for (const origin of [EVIL, 'null', 'https://app.example.evil.example']) {
        const reply = await wire.exchange(encode(preflight('/increment', origin, 'POST')));
        expectProblem(t, reply, 403, 'origin-not-allowed');
        expectNotAllowed(t, reply);
      }
      t.equal((await wire.exchange(encode({ target: '/healthz' }))).status, 200);
    });
  },
  { corsOrigin: `${APP},${DEV}` },
);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}: where any origin is allowed, every reply says so, and none depends on it`, async (t) => {
    const service = await serve(t, transport, { corsOrigin: '*' });
    for (const [what, request, status] of ASKED) {
      for (const bytes of [from(EVIL, request), from('null', request), encode(request)]) {
        const reply = await answered(t, service, bytes);
        t.equal(reply.status, status, what);
        expectAllowed(t, reply, '*');
        t.notOk(reply.headers.has('vary'));
      }
    }
  });

  t.test(`over ${transport}: a preflight of any origin is answered then`, async (t) => {
    const wire = await (await serve(t, transport, { corsOrigin: '*' })).connect(t);
    wire.send(encode(preflight('/increment', EVIL, 'POST')));
    const head = await wire.head();
    t.equal(head.status, 204);
    expectAllowed(t, head, '*');
  });

  t.test(`over ${transport}: where none is allowed, nothing is said of origins`, async (t) => {
    const wire = await (await serve(t, transport)).connect(t);
    const { headers } = await ask(wire, 'POST', '/increment', { key: 'a' }, { Origin: APP });
    const refused = await wire.exchange(encode(preflight('/increment', APP, 'POST')));
    expectProblem(t, refused, 405, 'method-not-allowed');
    for (const name of [...headers.keys(), ...refused.headers.keys()]) t.notMatch(name, /^(access-control-.*|vary)$/);
  });
}

/** The reply to a request on a connection of its own: after some replies the connection ends. */
async function answered(t: Test, service: Service, bytes: string): Promise<Reply> {
  return (await service.connect(t)).exchange(bytes);
}

function expectAllowed(t: Test, { headers }: Reply, origin: string): void {
  t.equal(headers.get('access-control-allow-origin'), origin, `${origin} is allowed`);
  t.ok(headers.has('access-control-expose-headers'));
  t.notOk(headers.has('access-control-allow-credentials'), 'cookies are never');
}

function expectNotAllowed(t: Test, { headers }: Reply): void {
  for (const name of headers.keys()) t.notMatch(name, /^access-control-/);
}
