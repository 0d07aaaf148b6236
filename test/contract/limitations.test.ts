import type { Test } from 'tap';
import t from 'tap';
import { expectCounted, expectProblem } from './expectation.js';
import { serve } from './service.js';
import { encode, post, utf8, type Wire } from './wire.js';

/** Where the transports differ because a library can not do better. A change here is good news. */
t.test('over uws', async (t) => {
  const service = await serve(t, 'uws');

  t.test('HTTP/1.0 is refused with 505, and the connection closed', async (t) => {
    const wire = await service.connect(t);
    t.equal((await wire.exchange(encode({ target: '/healthz', version: '1.0' }))).status, 505);
    await wire.closed;
  });

  t.test('a request line that is split between packets is refused with 505', async (t) => {
    const request = post('key=split');
    for (const cut of ['POST '.length, 'POST /increment HTTP'.length]) {
      const wire = await service.connect(t);
      await wire.flush(request.slice(0, cut));
      t.equal((await wire.reply()).status, 505);
      await wire.closed;
    }
  });

  t.test('a raw U+FFFD in the query or the path is taken for broken UTF-8, an encoded one is not', async (t) => {
    const wire = await service.connect(t);
    const query = (key: string) => encode({ method: 'POST', target: `/increment?key=${key}` });
    expectProblem(t, await wire.exchange(query(utf8('\ufffd'))), 400, 'invalid-parameter', 'key');
    expectCounted(t, await wire.exchange(query('%EF%BF%BD')), '\ufffd', '1');
    expectProblem(t, await wire.exchange(encode({ target: `/numbers/${utf8('\ufffd')}` })), 400, 'invalid-parameter', 'key');
    t.equal((await wire.exchange(encode({ target: '/numbers/%EF%BF%BD' }))).status, 200);
  });

  t.test('raw UTF-8 in the query and the path is read', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(encode({ method: 'POST', target: `/increment?key=${utf8('é😀')}` })), 'é😀', '1');
    t.equal((await wire.exchange(encode({ target: `/numbers/${utf8('é😀')}` }))).body, '{"key":"é😀","value":1}');
    expectProblem(
      t,
      await wire.exchange(encode({ method: 'POST', target: '/increment?key=\xe9' })),
      400,
      'invalid-parameter',
      'key',
    );
    expectProblem(t, await wire.exchange(encode({ target: '/numbers/\xe9' })), 400, 'invalid-parameter', 'key');
  });

  t.test('bytes above ASCII at the end of a header are taken for blanks', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post('key=a', { 'X-Request-Id': utf8('café') }));
    t.equal(reply.headers.get('x-request-id'), 'caf');
  });
});

t.test('over node', async (t) => {
  const service = await serve(t, 'node');

  t.test('a request line may be split between packets', async (t) => {
    const wire = await service.connect(t);
    const request = post('key=split');
    for (let cut = 1; cut < 30; cut++) {
      await wire.flush(request.slice(0, cut));
      expectCounted(t, await wire.exchange(request.slice(cut), 'POST'), 'split', `${cut}`);
    }
  });

  t.test('raw UTF-8 in the query or the path is refused with 400, and the connection closed', async (t) => {
    for (const request of [
      encode({ method: 'POST', target: `/increment?key=${utf8('é')}` }),
      encode({ target: `/numbers/${utf8('é')}` }),
    ]) {
      const wire = await service.connect(t);
      t.equal((await wire.exchange(request)).status, 400);
      await wire.closed;
    }
  });

  t.test('an HTTP/1.0 connection ends with its reply', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(old()), 'old', '1');
    await expectEnd(t, wire);
  });

  t.test('an HTTP/1.0 connection lives on when the client asks for that', async (t) => {
    const wire = await service.connect(t);
    for (let i = 1; i <= 20; i++) {
      const reply = await wire.exchange(old('keep-alive', 'kept'));
      expectCounted(t, reply, 'kept', `${i}`);
      t.equal(reply.headers.get('connection'), 'keep-alive');
    }
    expectCounted(t, await wire.exchange(old('close', 'kept')), 'kept', '21');
    await expectEnd(t, wire);
  });

  t.test('an HTTP/1.0 client gets problems, too', async (t) => {
    const wire = await service.connect(t);
    expectProblem(t, await wire.exchange(encode({ target: '/nowhere', version: '1.0' })), 404, 'not-found');
    await expectEnd(t, wire);
  });
});

function old(connection?: string, key = 'old'): string {
  const headers = connection === undefined ? {} : { Connection: connection };
  return encode({ method: 'POST', target: '/increment', version: '1.0', headers, body: `key=${key}` });
}

async function expectEnd(t: Test, wire: Wire): Promise<void> {
  t.equal(await wire.rest(), '', 'nothing comes after the reply');
}
