import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Test } from 'tap';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, type Service } from './service.js';
import { encode, post, type Wire } from './wire.js';

const CHUNKED = { method: 'POST', target: '/increment', headers: { 'Transfer-Encoding': 'chunked' } };

contract((t, service) => {
  t.test('a chunked body is put together', async (t) => {
    const wire = await service.connect(t);
    const chunks = ['key=chu', 'n', 'ked&va', 'lue=12'].map(chunk).join('');
    expectCounted(t, await wire.exchange(`${encode(CHUNKED)}${chunks}0\r\n\r\n`), 'chunked', '12');
    expectCounted(t, await wire.exchange(post('key=chunked')), 'chunked', '13');
  });

  t.test('a chunked body may come byte by byte', async (t) => {
    const wire = await service.connect(t);
    await trickle(wire, `${encode(CHUNKED)}${chunk('key=chunked')}${chunk('-slowly')}0\r\n\r\n`);
    expectCounted(t, await wire.reply(), 'chunked-slowly', '1');
  });

  t.test('a request may come byte by byte, headers and body', async (t) => {
    const wire = await service.connect(t);
    await trickle(wire, post('key=bytes&value=7'));
    expectCounted(t, await wire.reply(), 'bytes', '7');
    await trickle(wire, post('key=bytes&value=8'));
    expectCounted(t, await wire.reply(), 'bytes', '15');
  });

  t.test('a character of several bytes may be split between packets', async (t) => {
    const wire = await service.connect(t);
    const request = post(`key=${Buffer.from('é€😀').toString('latin1')}`);
    for (let cut = request.length - 9; cut < request.length; cut++) {
      await wire.flush(request.slice(0, cut));
      await nextTurn();
      wire.send(request.slice(cut));
      expectCounted(t, await wire.reply(), 'é€😀', `${cut - request.length + 10}`);
    }
  });

  t.test('an empty body and a missing body are the same', async (t) => {
    const wire = await service.connect(t);
    const target = '/increment?key=bodiless';
    expectCounted(t, await wire.exchange(encode({ method: 'POST', target })), 'bodiless', '1');
    expectCounted(t, await wire.exchange(encode({ method: 'POST', target, body: '' })), 'bodiless', '2');
    expectCounted(t, await wire.exchange(`${encode({ ...CHUNKED, target })}0\r\n\r\n`), 'bodiless', '3');
    expectProblem(t, await wire.exchange(encode({ method: 'POST', target: '/increment' })), 400, 'missing-parameter', 'key');
  });

  t.test('a client that asks before it sends its body is told to go on', async (t) => {
    const wire = await service.connect(t);
    const body = 'key=expected';
    const headers = { Expect: '100-continue', 'Content-Length': `${body.length}` };
    const interim = await wire.exchange(encode({ method: 'POST', target: '/increment', headers }));
    t.equal(interim.status, 100, 'it may go on');
    wire.send(body);
    expectCounted(t, await wire.reply(), 'expected', '1');
    expectCounted(t, await wire.exchange(post('key=expected')), 'expected', '2');
  });

  t.test('a request that is aborted in its body counts nothing', async (t) => {
    const head = encode({ method: 'POST', target: '/increment', headers: { 'Content-Length': '30' } });
    for (let i = 0; i < 20; i++) {
      const wire = await service.connect(t);
      await wire.flush(`${head}key=aborted&value=1`);
      await nextTurn();
      if (i % 2 === 0) wire.reset();
      else wire.close();
      await wire.closed;
    }
    await expectUnknown(t, service, 'aborted');
  });

  t.test('a chunked request that is aborted counts nothing', async (t) => {
    for (let i = 0; i < 20; i++) {
      const wire = await service.connect(t);
      await wire.flush(`${encode(CHUNKED)}${chunk('key=cut-off')}`);
      await nextTurn();
      wire.reset();
      await wire.closed;
    }
    await expectUnknown(t, service, 'cut-off');
  });

  t.test('clients that do not wait for their reply harm nobody', async (t) => {
    for (let i = 0; i < 50; i++) {
      const wire = await service.connect(t);
      await wire.flush(post('key=impatient').repeat(20));
      wire.reset();
      await wire.closed;
    }
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post('key=patient')), 'patient', '1');
  });
});

function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}

/**
 * Sends every byte in a packet of its own, as far as the system lets one say so; only the first
 * request line goes as a whole, see limitations.test.ts.
 */
async function trickle(wire: Wire, bytes: string): Promise<void> {
  const line = bytes.indexOf('\r\n') + 2;
  await wire.flush(bytes.slice(0, line));
  for (const byte of bytes.slice(line)) {
    await wire.flush(byte);
    await nextTurn();
  }
}

/** The server has turned many times when this many replies are there, and has seen the aborts. */
async function expectUnknown(t: Test, service: Service, key: string): Promise<void> {
  const statuses = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const wire = await service.connect(t);
    statuses.add((await wire.exchange(encode({ target: `/numbers/${key}` }))).status);
  }
  t.strictSame([...statuses], [404], 'the key is unknown');
}
