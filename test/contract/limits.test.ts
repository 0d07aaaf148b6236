import { expectCounted, expectProblem } from './expectation.js';
import { contract } from './service.js';
import { encode, post } from './wire.js';

const BODY_BYTES_MAX = 64 * 1024;
const HEAD_BYTES_MAX = 16 * 1024;

contract((t, service) => {
  t.test('a body of 64 KiB is read', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post(padded('full', BODY_BYTES_MAX))), 'full', '1');
    expectCounted(t, await wire.exchange(post('key=full')), 'full', '2');
  });

  t.test('a chunked body of 64 KiB is read', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(chunked(padded('full-chunked', BODY_BYTES_MAX))), 'full-chunked', '1');
    expectCounted(t, await wire.exchange(post('key=full-chunked')), 'full-chunked', '2');
  });

  const over = padded('over', BODY_BYTES_MAX + 1);
  for (const [name, bytes] of [
    ['a body', post(over)],
    ['a chunked body', chunked(over)],
  ] as const) {
    t.test(`${name} over 64 KiB is refused, counts nothing, and ends the connection`, async (t) => {
      const wire = await service.connect(t);
      const reply = await wire.exchange(bytes);
      expectProblem(t, reply, 413, 'body-too-large');
      t.equal(reply.headers.get('connection'), 'close', 'the reply says that it is the last');
      t.equal(await wire.rest(), '', 'nothing comes after the reply');
      const other = await service.connect(t);
      t.equal((await other.exchange(encode({ target: '/numbers/over' }))).status, 404, 'nothing was counted');
    });
  }

  t.test('a body over 64 KiB is refused before it has come to its end', async (t) => {
    const wire = await service.connect(t);
    const headers = { 'Content-Length': `${2 * BODY_BYTES_MAX}` };
    const head = encode({ method: 'POST', target: '/increment', headers });
    expectProblem(t, await wire.exchange(head + over), 413, 'body-too-large');
    t.equal(await wire.rest(), '', 'the connection is closed');
  });

  t.test('a chunked body without an end is refused', async (t) => {
    const wire = await service.connect(t);
    expectProblem(t, await wire.exchange(chunked(over).slice(0, -5)), 413, 'body-too-large');
    t.equal(await wire.rest(), '', 'the connection is closed');
  });

  t.test('headers of 15 KiB are read', async (t) => {
    const wire = await service.connect(t);
    const headers = { 'X-Long': 'x'.repeat(HEAD_BYTES_MAX - 1024) };
    expectCounted(t, await wire.exchange(post('key=long-header', headers)), 'long-header', '1');
  });

  for (const [name, headers] of [
    ['one large header', { 'X-Long': 'x'.repeat(HEAD_BYTES_MAX + 1) }],
    ['many headers', Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`X-${i}`, 'x'.repeat(200)]))],
  ] as const) {
    t.test(`${name} of over 16 KiB in all are refused, count nothing, and end the connection`, async (t) => {
      const wire = await service.connect(t);
      const reply = await wire.exchange(post('key=headed', headers));
      t.equal(reply.status, 431);
      t.equal(reply.headers.get('connection'), 'close');
      await wire.rest();
      const other = await service.connect(t);
      t.equal((await other.exchange(encode({ target: '/numbers/headed' }))).status, 404, 'nothing was counted');
    });
  }

  t.test('a target of over 16 KiB is refused and ends the connection', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(encode({ target: `/numbers/${'x'.repeat(HEAD_BYTES_MAX)}` }));
    t.equal(reply.status, 431);
    await wire.rest();
  });

  t.test('a head that never ends is refused', async (t) => {
    const wire = await service.connect(t);
    wire.send('GET /healthz HTTP/1.1\r\n');
    wire.send('X-More: and more\r\n'.repeat(2_000));
    t.equal((await wire.reply()).status, 431);
    await wire.rest();
  });
});

/** A form of exactly so many bytes: ampersands with nothing between them are not parameters. */
function padded(key: string, bytes: number): string {
  return `key=${key}`.padEnd(bytes, '&');
}

function chunked(body: string): string {
  const chunks = body.match(/.{1,10000}/g) ?? [];
  const encoded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return `${encode({ method: 'POST', target: '/increment', headers: { 'Transfer-Encoding': 'chunked' } })}${encoded}0\r\n\r\n`;
}
