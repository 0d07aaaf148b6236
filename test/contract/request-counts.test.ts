import t, { type Test } from 'tap';
import { type AccessEntry, AccessLog } from '../../dist/http/access-log.js';
import { ClientAddress } from '../../dist/http/client-address.js';
import { TEXT_TYPE } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';
import { RequestCounts } from '../../dist/http/request-counts.js';
import type { Route } from '../../dist/http/route.js';
import { until } from '../condition.js';
import { type Bare, route, serveBare } from './bare.js';
import { TRANSPORTS } from './service.js';
import { encode, type Request } from './wire.js';

const REPLY = route({ path: '/reply', handle: (exchange) => exchange.reply(200, TEXT_TYPE, 'hällo') });
const REFUSAL = route({ path: '/refuse/{key}', handle: (exchange) => exchange.refuse(new Problem('queue-full')) });
const WHOLE = route({
  method: 'POST',
  path: '/whole',
  bodyBytesMax: 10,
  handle: (exchange) => exchange.reply(204, TEXT_TYPE, ''),
});
const STREAM = route({ path: '/stream', handle: (exchange) => exchange.stream() });
const LATE = route({ path: '/late', handle: () => undefined });
const PIECES = route({
  method: 'POST',
  path: '/pieces',
  bodyBytesMax: 10,
  body: 'streamed',
  handle: (exchange) =>
    exchange.receive({ piece: () => undefined, end: () => exchange.reply(200, TEXT_TYPE, 'all'), abort: () => undefined }),
});
const ROUTES = [REPLY, REFUSAL, WHOLE, STREAM, LATE, PIECES];

interface Counted extends Bare {
  readonly requests: RequestCounts;
  readonly entries: AccessEntry[];
}

for (const name of TRANSPORTS) {
  t.test(`over ${name}`, async (t) => {
    const cases: [what: string, request: Request, counted: Route | undefined, status: number, bytes: number][] = [
      ['a reply', { target: '/reply?token=secret' }, REPLY, 200, 6],
      ['a reply without its body', { method: 'HEAD', target: '/reply' }, REPLY, 200, 6],
      ['a refusal', { target: '/refuse/a%20b' }, REFUSAL, 503, -1],
      ['a body', { method: 'POST', target: '/whole', body: '0123456789' }, WHOLE, 204, 0],
      ['a body that is too large', { method: 'POST', target: '/whole', body: '0123456789a' }, WHOLE, 413, -1],
      ['a streamed body', { method: 'POST', target: '/pieces', body: '0123456789' }, PIECES, 200, 3],
      ['a streamed body that is too large', { method: 'POST', target: '/pieces', body: '0123456789a' }, PIECES, 413, -1],
      ['a path where there is nothing', { target: '/nowhere' }, undefined, 404, -1],
      ['a method that a path does not take', { method: 'DELETE', target: '/reply' }, undefined, 405, -1],
    ];
    for (const [what, request, of, status, bytes] of cases) {
      for (const isLogged of [false, true]) {
        t.test(`${what} is counted once${isLogged ? ', and logged' : ''}`, async (t) => {
          const bare = await serveCounted(t, name, isLogged);
          const reply = await (await bare.connect(t)).exchange(encode(request));
          t.equal(reply.status, status);
          t.equal(bare.requests.total, 1);
          t.equal(countsOf(bare, of)[Math.floor(status / 100)], 1);
          if (!isLogged) return;
          const path = (request.target ?? '').split('?')[0];
          t.match(bare.entries, [
            { method: request.method ?? 'GET', route: of?.path, path, status, address: '127.0.0.1', caller: 0 },
          ]);
          t.equal(bare.entries.length, 1);
          t.equal(bare.entries[0]?.bytes, bytes === -1 ? Number(reply.headers.get('content-length')) : bytes);
          t.equal(bare.entries[0]?.requestId, reply.headers.get('x-request-id'), 'the reply has the id that the log has');
          t.ok((bare.entries[0]?.ms ?? -1) >= 0);
        });
      }
    }

    t.test('a stream is counted when it begins, and not again when it ends', async (t) => {
      const bare = await serveCounted(t, name, true);
      const wire = await bare.connect(t);
      wire.send(encode({ target: '/stream' }));
      t.equal((await wire.head()).status, 200);
      t.equal(countsOf(bare, STREAM)[2], 1);
      wire.close();
      const other = await bare.connect(t);
      await other.exchange(encode({ target: '/reply' }));
      t.equal(bare.requests.total, 2);
      t.match(bare.entries[0], { route: '/stream', status: 200, bytes: 0 });
    });

    for (const [what, request, of] of [
      ['before there is a reply', encode({ target: '/late' }), LATE],
      ['before its body was whole', encode({ method: 'POST', target: '/whole', body: '0123456789' }).slice(0, -1), WHOLE],
      ['within a streamed body', encode({ method: 'POST', target: '/pieces', body: '0123456789' }).slice(0, -1), PIECES],
    ] as const) {
      t.test(`a client that goes ${what} is counted as gone`, async (t) => {
        const bare = await serveCounted(t, name, true);
        const wire = await bare.connect(t);
        await wire.flush(request);
        // What was sent before is read when another connection has its answer.
        await (await bare.connect(t)).exchange(encode({ target: '/reply' }));
        wire.close();
        await until('it is gone', () => countsOf(bare, of)[0] === 1);
        t.equal(bare.requests.total, 2);
        t.match(bare.entries.at(-1), { route: of.path, status: 0, bytes: 0, address: '127.0.0.1' });
      });
    }

    t.test('the address is what a trusted proxy says', async (t) => {
      const bare = await serveCounted(t, name, true, ['127.0.0.1']);
      const wire = await bare.connect(t);
      for (const target of ['/reply', '/nowhere']) {
        await wire.exchange(encode({ target, headers: { 'X-Forwarded-For': '192.0.2.7' } }));
      }
      t.same(
        bare.entries.map(({ address }) => address),
        ['192.0.2.7', '192.0.2.7'],
      );
    });
  });
}

async function serveCounted(
  t: Test,
  name: (typeof TRANSPORTS)[number],
  isLogged: boolean,
  proxies: readonly string[] = [],
): Promise<Counted> {
  const requests = new RequestCounts();
  const entries: AccessEntry[] = [];
  const accessLog = new AccessLog({
    address: new ClientAddress(proxies),
    nowMs: () => performance.now(),
    write: (entry) => entries.push(entry),
  });
  const bare = await serveBare(t, name, ROUTES, { requests, accessLog: isLogged ? accessLog : undefined });
  return { ...bare, requests, entries };
}

function countsOf({ requests }: Counted, of: Route | undefined): Float64Array {
  return of === undefined ? requests.unrouted : requests.of(of);
}
