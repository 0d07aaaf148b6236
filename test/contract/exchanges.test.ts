import { JSON_TYPE } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';
import { bareContract, route } from './bare.js';
import { encode } from './wire.js';

const routes = () => [
  route({
    path: '/headers',
    headers: ['prefer', 'last-event-id', 'accept'],
    handle: (exchange) => {
      const names = ['prefer', 'last-event-id', 'accept', 'idempotency-key'] as const;
      exchange.reply(200, JSON_TYPE, JSON.stringify(names.map((name) => exchange.header(name))));
    },
  }),
  route({
    path: '/bound',
    handle: (exchange) => {
      const extension = { value: 5, remaining: 0, bound: 2n ** 63n - 1n };
      exchange.refuse(new Problem('overflow', 'not now', 'value', extension), { 'Retry-After': '7' });
    },
  }),
  route({ path: '/busy', handle: (exchange) => exchange.refuse(new Problem('queue-full')) }),
  route({ path: '/very-busy', handle: (exchange) => exchange.refuse(new Problem('queue-full'), { 'Retry-After': '60' }) }),
];

bareContract(routes, (t, bare) => {
  t.test('a handler gets the headers that its route declared', async (t) => {
    const wire = await bare.connect(t);
    const headers = { PREFER: 'return=minimal, wait=5', 'Last-Event-Id': '17', Accept: 'text/plain' };
    const asked = async (headers: Record<string, string>) =>
      JSON.parse((await wire.exchange(encode({ target: '/headers', headers }))).body).slice(0, 3);
    t.strictSame(await asked(headers), ['return=minimal, wait=5', '17', 'text/plain']);
    t.strictSame(await asked({}), ['', '', '']);
  });

  t.test('a problem may say more than what all say, and when to try again', async (t) => {
    const wire = await bare.connect(t);
    const reply = await wire.exchange(encode({ target: '/bound' }));
    t.equal(reply.status, 409);
    t.equal(reply.headers.get('content-type'), 'application/problem+json');
    t.equal(reply.headers.get('retry-after'), '7');
    const { title, request_id, ...problem } = JSON.parse(reply.body);
    t.strictSame(problem, {
      type: '/problems/overflow',
      status: 409,
      code: 'overflow',
      detail: 'not now',
      field: 'value',
      value: 5,
      remaining: 0,
      bound: '9223372036854775807',
    });
  });

  t.test('a 503 says when to try again: a second, where its handler does not know better', async (t) => {
    const wire = await bare.connect(t);
    t.equal((await wire.exchange(encode({ target: '/busy' }))).headers.get('retry-after'), '1');
    t.equal((await wire.exchange(encode({ target: '/very-busy' }))).headers.get('retry-after'), '60');
  });
});
