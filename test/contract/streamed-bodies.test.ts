import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { type Exchange, TEXT_TYPE } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';
import { until } from '../condition.js';
import { type Bare, bareContract, route } from './bare.js';
import { expectProblem } from './expectation.js';
import { encode } from './wire.js';

const BYTES_MAX = 1024 * 1024;

/** What became of a body, as its sink was told: `piece` many times, then `end` or `abort`. */
class Told {
  readonly calls: string[] = [];
  bytes = 0;
  readonly hash = createHash('sha1');

  receive(exchange: Exchange, { onPiece, onEnd }: { onPiece?: () => void; onEnd?: () => void }): void {
    exchange.receive({
      piece: (bytes) => {
        if (this.calls.at(-1) !== 'piece') this.calls.push('piece');
        this.bytes += bytes.length;
        this.hash.update(bytes);
        onPiece?.();
      },
      end: () => {
        this.calls.push('end');
        onEnd?.();
      },
      abort: () => {
        this.calls.push('abort');
      },
    });
  }
}

/** The latest upload; each test looks at its own. */
let told = new Told();
let called = 0;

const upload = (handle: (exchange: Exchange) => void) => (exchange: Exchange) => {
  called++;
  told = new Told();
  handle(exchange);
};

const streamed = { method: 'POST', bodyBytesMax: BYTES_MAX, body: 'streamed' } as const;

const routes = () => [
  route({
    ...streamed,
    path: '/hash',
    headers: ['content-type'],
    handle: upload((exchange) => {
      const mine = told;
      mine.receive(exchange, {
        onEnd: () =>
          exchange.reply(200, TEXT_TYPE, `${exchange.header('content-type')} ${mine.bytes} ${mine.hash.digest('hex')}`),
      });
    }),
  }),
  route({
    ...streamed,
    path: '/later',
    handle: upload((exchange) =>
      told.receive(exchange, { onEnd: () => setTimeout(() => exchange.reply(200, TEXT_TYPE, 'later'), 20) }),
    ),
  }),
  route({ ...streamed, path: '/refused', handle: upload((exchange) => exchange.refuse(new Problem('queue-full', 'at once'))) }),
  route({
    ...streamed,
    path: '/broken-off',
    handle: upload((exchange) =>
      told.receive(exchange, { onPiece: () => exchange.refuse(new Problem('malformed-body', 'a piece')) }),
    ),
  }),
  route({
    ...streamed,
    path: '/twice',
    handle: upload((exchange) => {
      exchange.reply(200, TEXT_TYPE, 'first');
      exchange.reply(200, TEXT_TYPE, 'second');
    }),
  }),
  route({
    method: 'POST',
    path: '/whole',
    bodyBytesMax: 100,
    handle: (exchange) => exchange.reply(200, TEXT_TYPE, exchange.body),
  }),
];

bareContract(routes, (t, bare) => {
  t.test('a body comes to its sink whole, whatever its size and however it is sent', async (t) => {
    const wire = await bare.connect(t);
    for (const size of [0, 1, 100, 65_536, 300_000, BYTES_MAX]) {
      const body = bytesOf(size);
      const expected = `text/x ${size} ${createHash('sha1').update(body, 'latin1').digest('hex')}`;
      t.equal((await wire.exchange(post('/hash', body))).body, expected, `${size} bytes with a length`);
      t.strictSame(told.calls, size === 0 ? ['end'] : ['piece', 'end']);
      t.equal((await wire.exchange(chunked('/hash', body, 10_000))).body, expected, `${size} bytes in chunks`);
      t.strictSame(told.calls, size === 0 ? ['end'] : ['piece', 'end']);
    }
    t.equal((await wire.exchange(encode({ method: 'POST', target: '/hash' }))).status, 200, 'no body at all');
  });

  t.test('the handler is called before the body is there, and each piece comes when it is sent', async (t) => {
    const wire = await bare.connect(t);
    const before = called;
    await wire.flush(head('/hash', 12));
    await until('the handler is called', () => called > before);
    t.strictSame(told.calls, []);
    for (const [i, part] of ['abcd', 'efgh'].entries()) {
      await wire.flush(part);
      await until('the piece has come', () => told.bytes === (i + 1) * 4);
    }
    t.strictSame(told.calls, ['piece']);
    t.match((await wire.exchange('ijkl', 'POST')).body, / 12 /);
  });

  t.test('pipelined requests keep their order, bodies streamed or whole', async (t) => {
    const wire = await bare.connect(t);
    const requests = ['a', 'b', 'c'].map((body) => post('/whole', body) + post('/hash', body) + post('/refused', body));
    wire.send(requests.join(''));
    for (const body of ['a', 'b', 'c']) {
      t.equal((await wire.reply()).body, body);
      t.match((await wire.reply()).body, createHash('sha1').update(body).digest('hex'));
      expectProblem(t, await wire.reply(), 503, 'queue-full');
    }
  });

  t.test('a handler may reply after the end', async (t) => {
    const wire = await bare.connect(t);
    t.equal((await wire.exchange(post('/later', 'x'))).body, 'later');
    t.equal((await wire.exchange(post('/later', 'x'))).body, 'later');
    t.equal(bare.transport.pending, 0, 'nothing is left');
  });

  for (const [name, whole] of [
    ['with a length', post('/hash', bytesOf(BYTES_MAX + 1))],
    ['in chunks', chunked('/hash', bytesOf(BYTES_MAX + 1), 50_000)],
  ] as const) {
    t.test(`a body ${name} that is too large is refused, its sink told, and the connection ended`, async (t) => {
      const wire = await bare.connect(t);
      const before = called;
      const reply = await wire.exchange(whole);
      expectProblem(t, reply, 413, 'body-too-large');
      t.equal(reply.headers.get('connection'), 'close');
      t.equal(await wire.rest(), '');
      if (name === 'with a length') t.equal(called, before, 'it was not even begun');
      else t.strictSame(told.calls, ['piece', 'abort']);
      await expectNothingPending(bare);
    });
  }

  for (const [path, status, code] of [
    ['/refused', 503, 'queue-full'],
    ['/broken-off', 400, 'malformed-body'],
  ] as const) {
    const calls = path === '/refused' ? [] : ['piece'];

    t.test(`${path}: a refusal before the end lets a short body pass, and the connection lives on`, async (t) => {
      const wire = await bare.connect(t);
      for (const request of [post(path, bytesOf(50_000)), chunked(path, bytesOf(50_000), 999), post(path, 'x')]) {
        expectProblem(t, await wire.exchange(request), status, code);
        t.strictSame(told.calls, calls, 'nothing is called after the refusal');
        t.equal((await wire.exchange(post('/whole', 'next'))).body, 'next');
      }
    });

    t.test(`${path}: a refusal before the end of a long body ends the connection`, async (t) => {
      const wire = await bare.connect(t);
      const before = called;
      wire.send(chunked(path, bytesOf(400_000), 10_000).slice(0, -5));
      const reply = await wire.reply();
      expectProblem(t, reply, status, code);
      t.equal(reply.headers.get('connection'), 'close');
      t.equal(await wire.rest(), '');
      t.equal(called, before + 1);
      t.strictSame(told.calls, calls);
      await expectNothingPending(bare);
    });

    t.test(`${path}: a refusal does not wait for a client that waits for it`, async (t) => {
      const wire = await bare.connect(t);
      const reply = await wire.exchange(`${head(path, 1_000)}begin`);
      expectProblem(t, reply, status, code);
      t.equal(reply.headers.get('connection'), 'close');
      t.equal(await wire.rest(), '');
      t.strictSame(told.calls, calls);
    });

    t.test(`${path}: a client that goes before the refusal leaves nothing behind`, async (t) => {
      for (let i = 0; i < 10; i++) {
        const wire = await bare.connect(t);
        await wire.flush(`${head(path, 1_000)}begin`);
        await nextTurn();
        if (i % 2 === 0) wire.reset();
        else wire.close();
        await wire.closed;
      }
      await expectNothingPending(bare);
    });
  }

  t.test('of two replies the first one counts', async (t) => {
    const wire = await bare.connect(t);
    t.equal((await wire.exchange(post('/twice', 'body'))).body, 'first');
    t.equal((await wire.exchange(post('/whole', 'next'))).body, 'next');
  });

  t.test('the sink of an upload that is aborted is told, once', async (t) => {
    for (let i = 0; i < 10; i++) {
      const wire = await bare.connect(t);
      const before = called;
      await wire.flush(i % 3 === 0 ? head('/hash', 1_000) : `${head('/hash', 1_000)}begin`);
      await until('the handler is called', () => called > before && (i % 3 === 0 || told.bytes > 0));
      if (i % 2 === 0) wire.reset();
      else wire.close();
      await until('the sink is told', () => told.calls.at(-1) === 'abort');
      await nextTurn();
      t.strictSame(told.calls, i % 3 === 0 ? ['abort'] : ['piece', 'abort']);
    }
    await expectNothingPending(bare);
  });

  t.test('a handler that would reply after the client has gone does no harm', async (t) => {
    for (let i = 0; i < 5; i++) {
      const wire = await bare.connect(t);
      const before = called;
      await wire.flush(post('/later', 'x'));
      await until('the handler is called', () => called > before);
      wire.reset();
    }
    await expectNothingPending(bare);
  });

  t.test('a stop waits for an upload that has begun', async (t) => {
    const wire = await bare.connect(t);
    const before = called;
    await wire.flush(`${head('/hash', 8)}half`);
    await until('the handler is called', () => called > before);
    t.equal(bare.transport.pending, 1);
    bare.transport.stopListening();
    const reply = await wire.exchange('half', 'POST');
    t.match(reply.body, / 8 /);
    t.equal(await wire.rest(), '', 'and ends its connection');
    await expectNothingPending(bare);
  });
});

async function expectNothingPending(bare: Bare): Promise<void> {
  await until('nothing is pending', () => bare.transport.pending === 0);
}

const headers = { 'Content-Type': 'text/x' };

function post(target: string, body: string): string {
  return encode({ method: 'POST', target, headers, body });
}

function head(target: string, length: number): string {
  return encode({ method: 'POST', target, headers: { ...headers, 'Content-Length': `${length}` } });
}

function chunked(target: string, body: string, size: number): string {
  const parts: string[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size);
    parts.push(`${part.length.toString(16)}\r\n${part}\r\n`);
  }
  return `${encode({ method: 'POST', target, headers: { ...headers, 'Transfer-Encoding': 'chunked' } })}${parts.join('')}0\r\n\r\n`;
}

/** Bytes of which no two stretches are the same. */
function bytesOf(size: number): string {
  const bytes = Buffer.alloc(size);
  for (let i = 0, seed = size; i < size; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = seed >>> 24;
  }
  return bytes.toString('latin1');
}
