import { expectProblem } from './expectation.js';
import { contract } from './service.js';
import { encode, post } from './wire.js';

/** An Accept header, and whether it prefers the bare value. */
const ACCEPTS: readonly (readonly [accept: string, text: boolean])[] = [
  ['text/plain', true],
  ['TEXT/Plain', true],
  ['text/*', true],
  ['text/plain; charset=utf-8', true],
  ['text/plain;q=0.5', true],
  ['text/plain, application/json;q=0.9', true],
  ['application/json;q=0.1, text/plain;q=0.2', true],
  ['text/html, text/plain', true],
  ['*/*;q=0.1, text/plain', true],
  ['*/*', false],
  ['application/json', false],
  ['application/*', false],
  ['application/json, text/plain;q=0.9', false],
  ['text/plain;q=0.2, application/json;q=0.3', false],
  ['text/plain;q=0, */*', false],
  ['text/plain;q=0', false],
  ['text/html', false],
  ['image/png, */*;q=0.1', false],
  ['', false],
  ['nonsense', false],
  [';;;,,,q=', false],
];

contract((t, service) => {
  t.test('a counter is read at its path, without a change', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=read&value=42'));
    for (let i = 0; i < 3; i++) {
      const reply = await wire.exchange(encode({ target: '/numbers/read' }));
      t.equal(reply.status, 200);
      t.equal(reply.headers.get('content-type'), 'application/json');
      t.equal(reply.body, '{"key":"read","value":42}');
    }
  });

  for (const [accept, text] of ACCEPTS) {
    t.test(`Accept: ${accept} is answered with ${text ? 'the bare value' : 'JSON'}`, async (t) => {
      const wire = await service.connect(t);
      const headers = { Accept: accept };
      const counted = await wire.exchange(post(`key=${encodeURIComponent(`accept ${accept}`)}&value=42`, headers));
      const read = await wire.exchange(encode({ target: `/numbers/${encodeURIComponent(`accept ${accept}`)}`, headers }));
      for (const reply of [counted, read]) {
        t.equal(reply.status, 200);
        t.equal(reply.headers.get('content-type'), text ? 'text/plain; charset=utf-8' : 'application/json');
        if (text) t.equal(reply.body, '42\n');
        else t.match(JSON.parse(reply.body), { key: `accept ${accept}`, value: 42 });
      }
    });
  }

  t.test('an error is a problem, whatever the client accepts', async (t) => {
    const wire = await service.connect(t);
    for (const accept of ['text/plain', 'text/html', 'image/png', 'application/json']) {
      expectProblem(t, await wire.exchange(post('value=1', { Accept: accept })), 400, 'missing-parameter', 'key');
    }
  });

  t.test('a key that was never counted is not found', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['never', '__proto__', 'constructor', 'a%2Fb', '%E2%82%AC', '.', '..', '%2e%2e', 'increment', '%20']) {
      expectProblem(t, await wire.exchange(encode({ target: `/numbers/${key}` })), 404, 'unknown-key');
    }
  });

  t.test('a key with slashes, or named like a route, is read at its path', async (t) => {
    const wire = await service.connect(t);
    for (const key of [
      'a/b',
      'a//b',
      '/increment',
      'increment',
      'healthz',
      'numbers',
      'numbers/a',
      'numbers/{key}',
      '..',
      ':parameter',
      '*',
    ]) {
      await wire.exchange(post(`key=${encodeURIComponent(key)}&value=5`));
      const reply = await wire.exchange(encode({ target: `/numbers/${encodeURIComponent(key)}` }));
      t.equal(reply.body, `{"key":"${key}","value":5}`);
    }
  });

  t.test('percent-encoding in a path may be in capitals, small letters, or where it is not needed', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=%C3%A9%2Fz'));
    for (const path of ['%C3%A9%2Fz', '%c3%a9%2fz', '%C3%a9%2F%7A', '%c3%A9%2f%7a']) {
      t.equal((await wire.exchange(encode({ target: `/numbers/${path}` }))).body, '{"key":"é/z","value":1}');
    }
  });

  t.test('a plus sign in a path is a plus sign', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=c%2B%2B'));
    t.equal((await wire.exchange(encode({ target: '/numbers/c++' }))).body, '{"key":"c++","value":1}');
  });

  t.test('a path that is not percent-encoded UTF-8 is refused', async (t) => {
    const wire = await service.connect(t);
    for (const path of ['%', '%4', '%zz', 'a%', '%%41', '%ff', '%e2%82', '%c0%af', '%ed%a0%80', '%u0041']) {
      expectProblem(t, await wire.exchange(encode({ target: `/numbers/${path}` })), 400, 'invalid-parameter', 'key');
    }
  });

  t.test('what follows the question mark is no part of the key', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=asked&value=3'));
    t.equal((await wire.exchange(encode({ target: '/numbers/asked?key=other&a/b?c' }))).body, '{"key":"asked","value":3}');
  });
});
