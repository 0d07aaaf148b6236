import t, { type Test } from 'tap';
import { type Exchange, TEXT_TYPE } from '../../dist/http/exchange.js';
import { until } from '../condition.js';
import { type Bare, bareContract, route, serveBare } from './bare.js';
import { TLS_FILES } from './certificates.js';
import { encode, type Wire } from './wire.js';

/** How many requests of one connection node:http may answer at once. */
const ANSWERING_MAX = 64;

/** Requests that are being answered, and the most that there were. */
let answering = 0;
let most = 0;
/** How many requests of a client that never reads were handled. */
let ignored = 0;

const counted = (answer: (exchange: Exchange, reply: () => void) => void) => (exchange: Exchange) => {
  most = Math.max(most, ++answering);
  const text = Buffer.from(exchange.body).toString() || exchange.parameter('number');
  answer(exchange, () => {
    answering--;
    exchange.reply(200, TEXT_TYPE, text);
  });
};

const routes = () => [
  route({ path: '/now/{number}', handle: counted((_exchange, reply) => reply()) }),
  // Later, and not in order.
  route({
    path: '/later/{number}',
    handle: counted((exchange, reply) => setTimeout(reply, Number(exchange.parameter('number')) % 7)),
  }),
  route({ method: 'POST', path: '/body', bodyBytesMax: 10_000, handle: counted((_exchange, reply) => setImmediate(reply)) }),
  route({
    method: 'POST',
    path: '/streamed',
    bodyBytesMax: 10_000,
    body: 'streamed',
    handle: (exchange) => {
      const pieces: Buffer[] = [];
      exchange.receive({
        piece: (bytes) => pieces.push(Buffer.from(bytes)),
        end: () => exchange.reply(200, TEXT_TYPE, Buffer.concat(pieces)),
        abort: () => undefined,
      });
    },
  }),
  route({
    path: '/ignored',
    handle: (exchange) => {
      ignored++;
      exchange.reply(200, TEXT_TYPE, 'x'.repeat(100));
    },
  }),
];

bareContract(routes, (t, bare) => {
  t.test('a client that sends thousands of requests ahead gets all replies in order', async (t) => {
    const wire = await bare.connect(t);
    wire.send(numbered(5_000, (i) => encode({ target: `/now/${i}` })));
    t.equal(await firstOutOfOrder(wire, 5_000), undefined);
  });

  t.test('so does one that reads only after it has sent everything', async (t) => {
    const wire = await bare.connect(t);
    wire.pause();
    for (let i = 0; i < 20; i++) await wire.flush(numbered(100, (j) => encode({ target: `/now/${i * 100 + j}` })));
    wire.resume();
    t.equal(await firstOutOfOrder(wire, 2_000), undefined);
  });
});

for (const tls of [undefined, TLS_FILES]) {
  t.test(`over node${tls ? ' and TLS' : ''}`, async (t) => flooded(t, await serveBare(t, 'node', routes(), { tls })));
}

function flooded(t: Test, bare: Bare): void {
  t.test('bodies, whole or streamed, may come in packets that end anywhere', async (t) => {
    const wire = await bare.connect(t);
    const requests = numbered(500, (i) => encode({ method: 'POST', target: i % 3 > 0 ? '/body' : '/streamed', body: `${i}` }));
    for (let at = 0; at < requests.length; at += 997) {
      await wire.flush(requests.slice(at, at + 997));
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.equal(await firstOutOfOrder(wire, 500), undefined);
  });

  t.test('of the requests of one connection only so many are answered at once', async (t) => {
    const wire = await bare.connect(t);
    [answering, most] = [0, 0];
    wire.send(numbered(3_000, (i) => encode({ target: `/later/${i}` })));
    t.equal(await firstOutOfOrder(wire, 3_000), undefined);
    t.equal(most, ANSWERING_MAX);
  });

  t.test('the replies to those who are answered late come, though the client has long sent more than is read', async (t) => {
    const wire = await bare.connect(t);
    const requests = numbered(300, (i) => encode({ method: 'POST', target: '/body', body: `${i}`.padEnd(1_000, '.') }));
    wire.send(requests);
    for (let i = 0; i < 300; i++) t.match((await wire.reply()).body, new RegExp(`^${i}\\.`));
  });

  t.test('clients that send ahead and never read are handled in small portions, so that others have their turn', async (t) => {
    ignored = 0;
    const deaf = await Promise.all(Array.from({ length: 5 }, () => bare.connect(t)));
    const wire = await bare.connect(t);
    for (const each of deaf) {
      each.pause();
      each.send(encode({ target: '/ignored' }).repeat(50_000));
    }
    await until('they are being answered', () => ignored > 0);
    let longest = 0;
    for (let i = 0; i < 100; i++) {
      const before = ignored;
      await wire.exchange(encode({ target: `/now/${i}` }));
      longest = Math.max(longest, ignored - before);
    }
    t.ok(ignored > 10 * ANSWERING_MAX * deaf.length, `${ignored} of their requests were handled meanwhile`);
    // The request is there within a turn or two of the event loop, and so is the reply; a turn has two portions at the most.
    const most = 8 * ANSWERING_MAX * deaf.length;
    t.ok(longest <= most, `at the most ${longest} of them while another client waited`);
    for (const each of deaf) each.reset();
    await until('they are forgotten', () => bare.transport.pending === 0);
  });
}

function numbered(count: number, request: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => request(i)).join('');
}

/** Reads replies that say their number. */
async function firstOutOfOrder(wire: Wire, count: number): Promise<string | undefined> {
  for (let i = 0; i < count; i++) {
    const { status, body } = await wire.reply();
    if (status !== 200 || body !== `${i}`) return `${status} ${body} in the place of ${i}`;
  }
  return undefined;
}
