import type { Test } from 'tap';
import { JSON_TYPE, TEXT_TYPE } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';
import { bareContract, route } from './bare.js';
import { contract } from './service.js';
import { encode, post, type Reply, type Request } from './wire.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LONGEST = '~'.repeat(128);

contract((t, service) => {
  const cases: [what: string, request: Request, status: number][] = [
    ['a reply', { target: '/healthz' }, 200],
    ['a reply without a body', { method: 'HEAD', target: '/healthz' }, 200],
    ['a reply that comes later', { method: 'POST', target: '/increment', body: 'key=later&durability=disk' }, 200],
    ['a reply to a body that is read in pieces', { method: 'POST', target: '/increments', body: 'key=pieces&value=1' }, 200],
    ['a problem', { method: 'POST', target: '/increment', body: 'value=1' }, 400],
    ['a problem without its body', { method: 'HEAD', target: '/numbers/nobody' }, 404],
    ['a path where there is nothing', { target: '/nowhere' }, 404],
    ['a method that a path does not take', { method: 'OPTIONS', target: '/increment' }, 405],
    ['a body that is too large', { method: 'POST', target: '/increment', body: 'x'.repeat(65_537) }, 413],
  ];

  for (const [what, request, status] of cases) {
    t.test(`${what} is told the id that the request came with`, async (t) => {
      const wire = await service.connect(t);
      const { headers, ...rest } = request;
      const reply = await wire.exchange(encode({ ...rest, headers: { ...headers, 'x-request-ID': 'order-17/3' } }));
      t.equal(reply.status, status);
      t.equal(reply.headers.get('x-request-id'), 'order-17/3');
      expectNamed(t, reply);
    });

    t.test(`${what} has an id of its own where it is a problem, and none where it is not`, async (t) => {
      const wire = await service.connect(t);
      const reply = await wire.exchange(encode(request));
      t.equal(reply.status, status);
      if (status < 400) t.notOk(reply.headers.has('x-request-id'));
      else t.match(reply.headers.get('x-request-id'), UUID);
      expectNamed(t, reply);
    });
  }

  t.test('an event stream is told the id', async (t) => {
    const wire = await service.connect(t);
    wire.send(encode({ target: '/events?key=a', headers: { 'X-Request-Id': 'follow-1' } }));
    const head = await wire.head();
    t.equal(head.headers.get('content-type'), 'text/event-stream');
    t.equal(head.headers.get('x-request-id'), 'follow-1');
  });

  t.test('an id that can not be taken is as none', async (t) => {
    const wire = await service.connect(t);
    t.equal((await wire.exchange(post('key=a', { 'X-Request-Id': LONGEST }))).headers.get('x-request-id'), LONGEST);
    for (const id of [`${LONGEST}~`, 'a b', 'a, b', 'caf\xc3\xa9s', 'a\xffb', '']) {
      t.notOk((await wire.exchange(post('key=a', { 'X-Request-Id': id }))).headers.has('x-request-id'), JSON.stringify(id));
      t.match((await wire.exchange(post('', { 'X-Request-Id': id }))).headers.get('x-request-id'), UUID, JSON.stringify(id));
    }
  });

  t.test('of two the first counts', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post('key=a', { 'X-Request-Id': 'one', 'x-request-id': 'two' }));
    t.equal(reply.headers.get('x-request-id'), 'one');
  });

  t.test('requests that were sent ahead have each its own', async (t) => {
    const wire = await service.connect(t);
    const ids = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? undefined : `r-${i}`));
    wire.send(ids.map((id) => post('key=piped', id === undefined ? {} : { 'X-Request-Id': id })).join(''));
    const told: (string | undefined)[] = [];
    for (const _ of ids) told.push((await wire.reply()).headers.get('x-request-id'));
    t.strictSame(told, ids);
  });

  t.test('no two ids that are made are the same', async (t) => {
    const wire = await service.connect(t);
    const made = new Set<string | undefined>();
    for (let i = 0; i < 100; i++) made.add((await wire.exchange(post(''))).headers.get('x-request-id'));
    t.equal(made.size, 100);
  });

  t.test('the description of a problem has none: it belongs to no request', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(encode({ target: '/problems/overflow', headers: { 'X-Request-Id': 'r-1' } }));
    t.notOk('request_id' in JSON.parse(reply.body));
  });
});

const routes = () => [
  route({
    path: '/id',
    handle: (exchange) => exchange.reply(200, JSON_TYPE, JSON.stringify([exchange.requestId, exchange.requestId])),
  }),
  route({
    path: '/late',
    handle: (exchange) => {
      setImmediate(() => exchange.reply(200, TEXT_TYPE, exchange.requestId));
    },
  }),
  route({ path: '/refused', handle: (exchange) => exchange.refuse(new Problem('overflow', exchange.requestId)) }),
];

bareContract(routes, (t, bare) => {
  t.test('a handler may ask for the id, and then the reply is told', async (t) => {
    const wire = await bare.connect(t);
    const reply = await wire.exchange(encode({ target: '/id' }));
    const [id, again] = JSON.parse(reply.body) as string[];
    t.match(id, UUID);
    t.equal(again, id, 'it stays the same');
    t.equal(reply.headers.get('x-request-id'), id);
    const named = await wire.exchange(encode({ target: '/id', headers: { 'X-Request-Id': 'r-1' } }));
    t.equal(named.body, '["r-1","r-1"]');
  });

  t.test('also later, when the request itself is gone', async (t) => {
    const wire = await bare.connect(t);
    t.equal((await wire.exchange(encode({ target: '/late', headers: { 'X-Request-Id': 'r-1' } }))).body, 'r-1');
    t.match((await wire.exchange(encode({ target: '/late' }))).body, UUID);
  });

  t.test('a problem has the id that its handler knows', async (t) => {
    const wire = await bare.connect(t);
    const { detail, request_id } = JSON.parse((await wire.exchange(encode({ target: '/refused' }))).body);
    t.equal(request_id, detail);
  });
});

/** That a problem has in its body the id that its head has. */
function expectNamed(t: Test, { headers, body }: Reply): void {
  if (headers.get('content-type') !== 'application/problem+json' || body === '') return;
  t.equal(JSON.parse(body).request_id, headers.get('x-request-id'));
}
