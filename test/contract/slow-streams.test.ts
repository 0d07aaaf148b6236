import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type EventStream, formatEvent, HEARTBEAT } from '../../dist/http/event-stream.js';
import { TEXT_TYPE } from '../../dist/http/exchange.js';
import { until } from '../condition.js';
import { type Bare, route, serveBare } from './bare.js';
import { TRANSPORTS } from './service.js';
import { encode } from './wire.js';

/** The limit is 10 s; the transports look at their clocks every 1 to 4 s. */
const LONG_MS = 15_000;

/** What a sink or a stream's handler was told at the end, by a number that its client gave. */
const ends = new Map<string, string>();
const streams = new Map<string, EventStream>();

const routes = () => [
  route({
    path: '/feed/{number}',
    handle: (exchange) => {
      const number = exchange.parameter('number');
      const stream = exchange.stream();
      streams.set(number, stream);
      stream.onClose(() => ends.set(number, 'closed'));
    },
  }),
  route({
    method: 'POST',
    path: '/upload/{number}',
    bodyBytesMax: 10 ** 9,
    body: 'streamed',
    handle: (exchange) => {
      const number = exchange.parameter('number');
      let bytes = 0;
      exchange.receive({
        piece: (piece) => {
          bytes += piece.length;
        },
        end: () => {
          ends.set(number, 'whole');
          exchange.reply(200, TEXT_TYPE, `${bytes}`);
        },
        abort: () => ends.set(number, 'aborted'),
      });
    },
  }),
];

// All of them wait most of the time: they wait together.
t.jobs = 2;
for (const name of TRANSPORTS) {
  t.test(`over ${name}`, { buffered: true }, async (t) => slowClients(t, await serveBare(t, name, routes())));
}

let number = 0;

function slowClients(t: Test, bare: Bare): void {
  t.jobs = 10;

  t.test('a stream on which nothing happens is not cut off', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    wire.send(encode({ target: `/feed/${mine}` }));
    await wire.head();
    t.equal(await wire.chunk(), HEARTBEAT);
    await delay(LONG_MS);
    streams.get(mine)?.write('data: still here\n\n');
    t.equal(await wire.chunk(), 'data: still here\n\n');
    t.notOk(ends.has(mine));
  });

  t.test('a stream with a heartbeat is not cut off', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    wire.send(encode({ target: `/feed/${mine}` }));
    await wire.head();
    await wire.chunk();
    for (let i = 0; i < 3; i++) {
      await delay(LONG_MS / 3);
      streams.get(mine)?.write(HEARTBEAT);
      t.equal(await wire.chunk(), HEARTBEAT);
    }
    t.notOk(ends.has(mine));
  });

  t.test('a stream whose client was behind, and is not any more, is not cut off', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    wire.send(encode({ target: `/feed/${mine}` }));
    await wire.head();
    wire.pause();
    const stream = streams.get(mine) as EventStream;
    await fill(stream);
    let writable = false;
    stream.onWritable(() => {
      writable = true;
    });
    wire.resume();
    await until('it has caught up', () => writable);
    await delay(LONG_MS);
    t.equal(stream.write('data: still here\n\n'), true);
    t.notOk(ends.has(mine));
  });

  t.test('a client that takes nothing of its stream is cut off', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    wire.send(encode({ target: `/feed/${mine}` }));
    await wire.head();
    wire.pause();
    await fill(streams.get(mine) as EventStream);
    await until('it is cut off', () => ends.get(mine) === 'closed');
  });

  t.test('an upload may take long', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    const pieces = 30;
    const headers = { 'Content-Length': `${pieces * 16_384}` };
    wire.send(encode({ method: 'POST', target: `/upload/${mine}`, headers }));
    for (let i = 0; i < pieces; i++) {
      await wire.flush('x'.repeat(16_384));
      await delay(LONG_MS / pieces);
    }
    t.equal((await wire.reply()).body, `${pieces * 16_384}`);
    t.equal(ends.get(mine), 'whole');
  });

  t.test('an upload that comes too slowly is cut off, and its sink told', { buffered: true }, async (t) => {
    const mine = `${number++}`;
    const wire = await bare.connect(t);
    wire.send(encode({ method: 'POST', target: `/upload/${mine}`, headers: { 'Content-Length': '1000000' } }));
    const sending = setInterval(() => wire.send('x'.repeat(1_000)), 200);
    t.teardown(() => clearInterval(sending));
    await until('the sink is told', () => ends.get(mine) === 'aborted');
    await wire.closed;
  });
}

/** Writes until the client is behind. */
async function fill(stream: EventStream): Promise<void> {
  const event = formatEvent({ data: 'x'.repeat(8_000) });
  // The system takes what it can.
  while (stream.write(event)) await delay(0);
}
