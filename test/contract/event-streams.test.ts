import t, { type Test } from 'tap';
import { BUFFERED_BYTES_MAX, type EventStream, formatEvent } from '../../dist/http/event-stream.js';
import { TEXT_TYPE } from '../../dist/http/exchange.js';
import { until } from '../condition.js';
import { type Bare, bareContract, route, serveBare } from './bare.js';
import { encode, type Wire } from './wire.js';

/** A stream as its handler sees it. */
class Feed {
  readonly stream: EventStream;
  readonly lastEventId: string;
  closed = 0;
  writable = 0;

  constructor(stream: EventStream, lastEventId: string) {
    this.stream = stream;
    this.lastEventId = lastEventId;
    stream.onClose(() => {
      this.closed++;
    });
    stream.onWritable(() => {
      this.writable++;
    });
  }
}

const feeds: Feed[] = [];

const routes = () => [
  route({
    path: '/feed',
    headers: ['last-event-id'],
    handle: (exchange) => feeds.push(new Feed(exchange.stream({ 'X-Feed': 'yes' }), exchange.header('last-event-id'))),
  }),
  route({ path: '/later', handle: (exchange) => setImmediate(() => feeds.push(new Feed(exchange.stream(), ''))) }),
  route({
    path: '/short',
    handle: (exchange) => {
      const stream = exchange.stream();
      stream.write('data: short\n\n');
      stream.end();
      stream.end();
      feeds.push(new Feed(stream, ''));
    },
  }),
  route({
    path: '/publish',
    handle: (exchange) => {
      const event = Buffer.from(formatEvent({ data: 'for all' }));
      for (const feed of feeds) feed.stream.write(event);
      exchange.reply(200, TEXT_TYPE, 'published');
    },
  }),
  route({ path: '/plain', handle: (exchange) => exchange.reply(200, TEXT_TYPE, 'plain') }),
];

const GET = encode({ target: '/feed' });

bareContract(routes, (t, bare) => {
  t.test('a stream begins at once, and its events come as they are written', async (t) => {
    for (const target of ['/feed', '/later']) {
      const wire = await bare.connect(t);
      const feed = await open(wire, target);
      t.equal(await wire.chunk(), ':\n\n', 'a comment first');
      t.equal(feed.stream.write('data: one\n\n'), true);
      t.equal(await wire.chunk(), 'data: one\n\n');
      const bytes = Buffer.from(formatEvent({ event: 'e', id: '7', data: '€\n😀' }));
      t.equal(feed.stream.write(bytes), true);
      t.equal(await wire.chunk(), 'event: e\nid: 7\ndata: €\ndata: 😀\n\n');
      for (let i = 0; i < 100; i++) feed.stream.write(`data: ${i}\n\n`);
      t.equal(await textTo(wire, 'data: 99\n\n'), Array.from({ length: 100 }, (_, i) => `data: ${i}\n\n`).join(''));
      await until('all is taken', () => feed.stream.bufferedBytes === 0);
      t.strictSame([feed.closed, feed.writable], [0, 0]);
    }
  });

  t.test('a stream says what it is, and that nothing comes after it', async (t) => {
    const wire = await bare.connect(t);
    wire.send(encode({ target: '/feed', headers: { 'Last-Event-ID': '41' } }));
    const { status, headers } = await wire.head();
    t.equal(status, 200);
    t.match(Object.fromEntries(headers), {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
      connection: 'close',
      'x-feed': 'yes',
    });
    t.notOk(headers.has('content-length'));
    t.equal(feeds.at(-1)?.lastEventId, '41');
  });

  t.test('a stream that is ended ends with its last chunk, and the connection with it', async (t) => {
    const wire = await bare.connect(t);
    const feed = await open(wire);
    feed.stream.write('data: last\n\n');
    feed.stream.end();
    t.equal(feed.closed, 1, 'its handler is told');
    t.equal(feed.stream.write('data: too late\n\n'), false);
    feed.stream.end();
    t.equal(await wholeText(wire), ':\n\ndata: last\n\n');
    await expectEnd(t, wire, bare);
    t.equal(feed.closed, 1);
  });

  t.test('a stream may be over before its handler returns', async (t) => {
    const wire = await bare.connect(t);
    const feed = await open(wire, '/short');
    t.equal(feed.closed, 1, 'who comes late is told as well');
    t.equal(await wholeText(wire), ':\n\ndata: short\n\n');
    await expectEnd(t, wire, bare);
  });

  t.test('HEAD has the headers, and no stream', async (t) => {
    const wire = await bare.connect(t);
    for (let i = 0; i < 3; i++) {
      const reply = await wire.exchange(encode({ method: 'HEAD', target: '/feed' }));
      t.equal(reply.status, 200);
      t.equal(reply.headers.get('content-type'), 'text/event-stream');
      t.equal(reply.headers.get('cache-control'), 'no-store');
      t.equal(feeds.at(-1)?.closed, 1);
      t.equal(feeds.at(-1)?.stream.write('data: x\n\n'), false);
    }
    t.equal((await wire.exchange(encode({ target: '/plain' }))).body, 'plain', 'the connection goes on');
  });

  t.test('a client that goes ends its stream, however it goes', async (t) => {
    for (const go of [(wire: Wire) => wire.close(), (wire: Wire) => wire.reset(), (wire: Wire) => wire.finish()]) {
      for (const busy of [false, true]) {
        const wire = await bare.connect(t);
        const feed = await open(wire);
        if (busy) feed.stream.write('data: x\n\n'.repeat(100));
        go(wire);
        await until('the handler is told', () => feed.closed === 1);
        t.equal(feed.stream.write('data: x\n\n'), false);
        t.equal(feed.stream.bufferedBytes, 0);
        feed.stream.end();
        t.equal(feed.closed, 1);
        await wire.closed;
      }
    }
  });

  t.test('a stream is no pending request', async (t) => {
    const wire = await bare.connect(t);
    await open(wire);
    await until('nothing is pending', () => bare.transport.pending === 0);
    wire.close();
    const other = await bare.connect(t);
    t.equal((await other.exchange(encode({ target: '/plain' }))).body, 'plain');
    await until('nothing is pending', () => bare.transport.pending === 0);
  });

  t.test('a client that does not keep up is known, and gets everything when it reads on', async (t) => {
    const wire = await bare.connect(t);
    const feed = await open(wire);
    wire.pause();
    const { written, event } = await writeUntilBehind(feed);
    t.ok(feed.stream.bufferedBytes > BUFFERED_BYTES_MAX, 'more than the bound is buffered');
    t.ok(feed.stream.bufferedBytes <= BUFFERED_BYTES_MAX + 3 * event.length, `and not much more: ${feed.stream.bufferedBytes}`);
    t.equal(feed.stream.write(':\n\n'), false, 'who writes nonetheless is told again');
    t.equal(feed.writable, 0);
    wire.resume();
    await until('it has caught up', () => feed.writable === 1);
    t.equal(feed.stream.bufferedBytes, 0);
    t.equal(feed.stream.write('data: caught up\n\n'), true);
    const text = withoutComments(await textTo(wire, 'data: caught up\n\n'));
    t.equal(text.length, written * event.length + 'data: caught up\n\n'.length, 'nothing is lost and nothing is twice');
    t.equal(text, `${event.repeat(written)}data: caught up\n\n`, 'and nothing is torn');
    t.equal(feed.writable, 1);
  });

  t.test('a client falls behind and catches up, again and again', async (t) => {
    const wire = await bare.connect(t);
    const feed = await open(wire);
    for (let i = 1; i <= 3; i++) {
      wire.pause();
      await writeUntilBehind(feed);
      wire.resume();
      await until('it has caught up', () => feed.writable === i);
      feed.stream.write(`data: round ${i}\n\n`);
      await textTo(wire, `data: round ${i}\n\n`);
    }
  });

  t.test('a stream that is ended while its client is behind comes whole', async (t) => {
    const wire = await bare.connect(t);
    const feed = await open(wire);
    wire.pause();
    const { written, event } = await writeUntilBehind(feed);
    feed.stream.end();
    t.equal(feed.closed, 1);
    wire.resume();
    t.equal(withoutComments(await wholeText(wire)).length, written * event.length);
    await expectEnd(t, wire, bare);
  });

  t.test('a slow client holds no other back', async (t) => {
    const slow = await bare.connect(t);
    const slowFeed = await open(slow);
    slow.pause();
    const wire = await bare.connect(t);
    const feed = await open(wire);
    await writeUntilBehind(slowFeed);
    feed.stream.write('data: quick\n\n');
    t.equal(withoutComments(await textTo(wire, 'data: quick\n\n')), 'data: quick\n\n');
  });

  t.test('what a request of another client writes goes out to hundreds', async (t) => {
    const wires: Wire[] = [];
    const all: Feed[] = [];
    for (let i = 0; i < 200; i++) {
      const wire = await bare.connect(t);
      wires.push(wire);
      all.push(await open(wire));
    }
    const other = await bare.connect(t);
    t.equal((await other.exchange(encode({ target: '/publish' }))).body, 'published');
    const texts: string[] = [];
    for (const wire of wires) texts.push(await textTo(wire, 'data: for all\n\n'));
    t.strictSame([...new Set(texts)], [':\n\ndata: for all\n\n']);
    for (const wire of wires) wire.reset();
    await until('all are told', () => all.every((feed) => feed.closed === 1));
  });
});

for (const name of ['uws', 'node'] as const) {
  t.test(`over ${name}: a stop ends streams at once, and takes no more`, async (t) => {
    const bare = await serveBare(t, name, routes());
    const wire = await bare.connect(t);
    const feed = await open(wire);
    const idle = await bare.connect(t);
    // Its request is there only after the stop.
    await idle.flush(encode({ target: '/later' }).slice(0, -2));
    const deaf = await bare.connect(t);
    const deafFeed = await open(deaf);
    deaf.pause();
    await writeUntilBehind(deafFeed);
    await (await bare.connect(t)).exchange(encode({ target: '/plain' }));

    bare.transport.stopListening();
    t.strictSame([feed.closed, deafFeed.closed], [1, 1], 'the handlers are told');
    t.equal(await wholeText(wire), ':\n\n', 'the body is ended as it should be');
    await expectEnd(t, wire, bare);
    idle.send('\r\n');
    t.equal((await idle.head()).status, 200);
    t.equal(await wholeText(idle), ':\n\n', 'a new stream ends as it begins');
    await until('nothing is pending', () => bare.transport.pending === 0);
    bare.transport.close();
    deaf.resume();
    for (const each of [deaf, wire, idle]) await each.closed;
  });
}

t.test('over node', async (t) => {
  const bare = await serveBare(t, 'node', routes());

  t.test('an HTTP/1.0 client gets the events as they are, until the connection ends', async (t) => {
    for (const headers of [{}, { Connection: 'keep-alive' }]) {
      const wire = await bare.connect(t);
      wire.send(encode({ target: '/feed', version: '1.0', headers }));
      const head = await wire.head();
      t.notOk(head.headers.has('transfer-encoding'));
      t.equal(head.headers.get('connection'), 'close');
      const feed = feeds.at(-1) as Feed;
      feed.stream.write('data: old\n\n');
      feed.stream.end();
      t.equal(await wire.rest(), ':\n\ndata: old\n\n');
    }
  });

  t.test('a stream behind a pipelined request that is not answered yet is told when the client goes', async (t) => {
    const wire = await bare.connect(t);
    const first = await open(wire);
    const before = feeds.length;
    wire.send(GET);
    await until('the second has begun', () => feeds.length > before);
    const second = feeds.at(-1) as Feed;
    second.stream.write('data: waits\n\n');
    wire.reset();
    await until('both are told', () => first.closed === 1 && second.closed === 1);
  });
});

/** Asks for a stream, reads its head, and returns what its handler has. */
async function open(wire: Wire, target = '/feed'): Promise<Feed> {
  const before = new Set(feeds);
  wire.send(encode({ target }));
  const { status, headers } = await wire.head();
  if (status !== 200 || headers.get('content-type') !== 'text/event-stream') throw new Error(`no stream, but ${status}`);
  const feed = feeds.findLast((feed) => !before.has(feed));
  if (feed === undefined) throw new Error('the handler was not called');
  return feed;
}

/** That the connection ends with its stream. uWebSockets.js leaves that to the client, for ten seconds. */
async function expectEnd(t: Test, wire: Wire, bare: Bare): Promise<void> {
  if (bare.name === 'node') t.equal(await wire.rest(), '', 'nothing comes after it');
}

/** Writes until the stream says that it is enough. Returns how many events that were. */
async function writeUntilBehind({ stream }: Feed): Promise<{ written: number; event: string }> {
  const event = formatEvent({ id: '17', data: 'x'.repeat(8_000) });
  for (let written = 1; ; written++) {
    if (!stream.write(event)) return { written, event };
    // The system takes what it can.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The text of chunks up to a mark, which ends one of them. */
async function textTo(wire: Wire, mark: string): Promise<string> {
  let text = '';
  while (!text.endsWith(mark)) text += (await wire.chunk()) ?? fail(text);
  return text;
}

function fail(text: string): never {
  throw new Error(`the stream ended after ${JSON.stringify(text.slice(-100))}`);
}

async function wholeText(wire: Wire): Promise<string> {
  let text = '';
  for (let chunk = await wire.chunk(); chunk !== undefined; chunk = await wire.chunk()) text += chunk;
  return text;
}

function withoutComments(text: string): string {
  return text.replaceAll(/^:\n\n/gm, '');
}
