import fc from 'fast-check';
import { expectCounted, expectProblem } from '../contract/expectation.js';
import { contract } from '../contract/service.js';
import { encode, FORM, post } from '../contract/wire.js';
import { holdsAsync } from '../property.js';
import { counted, durability, expectReplay, keptKeys, keyed, postJson, postQuery } from './written.js';

const NEVER = { syncInterval: '10h' };

contract((t, service) => {
  for (const [carrier, request] of Object.entries({
    form: (key: string, headers: Record<string, string>) => post(`key=${key}&value=5`, headers),
    json: (key: string, headers: Record<string, string>) => postJson({ key, value: 5 }, headers),
    query: (key: string, headers: Record<string, string>) => postQuery(`key=${key}&value=5`, headers),
    disk: (key: string, headers: Record<string, string>) => post(`key=${key}&value=5&durability=disk`, headers),
    text: (key: string, headers: Record<string, string>) => post(`key=${key}&value=5`, { Accept: 'text/plain', ...headers }),
  })) {
    t.test(`a repeat gets the first reply again and changes nothing: ${carrier}`, async (t) => {
      const wire = await service.connect(t);
      const bytes = request(`repeat-${carrier}`, keyed(`repeat-${carrier}`));
      const first = await wire.exchange(bytes);
      t.equal(first.status, 200);
      t.notOk(first.headers.has('idempotency-replayed'), 'the first is no repeat');
      const before = await durability(wire);
      // Other writes in between make a difference to a reply that is computed anew.
      await wire.exchange(post(`key=repeat-${carrier}&value=100`));
      for (let i = 0; i < 3; i++) expectReplay(t, await wire.exchange(bytes), first);
      expectReplay(t, await (await service.connect(t)).exchange(bytes), first);
      t.equal(await counted(wire, `repeat-${carrier}`), 105, 'it counted once');
      t.equal((await durability(wire)).seq, before.seq + 1, 'no repeat took a seq');
    });
  }

  t.test('what is the same write may be sent in another form, and gets the first reply again', async (t) => {
    const wire = await service.connect(t);
    const first = await wire.exchange(post('key=forms&value=5', { Accept: 'text/plain', ...keyed('forms') }));
    t.equal(first.body, '5\n');
    for (const other of [
      postJson({ value: '5', key: 'forms' }, keyed('forms')),
      postQuery('value=005&key=%66orms', keyed('forms')),
      post('key=forms&value=5&durability=disk', keyed('forms')),
    ]) {
      expectReplay(t, await wire.exchange(other), first);
    }
    t.equal(await counted(wire, 'forms'), 5);
  });

  t.test('the same key with another payload is refused and changes nothing', async (t) => {
    const wire = await service.connect(t);
    const first = await wire.exchange(post('key=reused', keyed('reused')));
    for (const other of [
      post('key=reused&value=2', keyed('reused')),
      post('key=other', keyed('reused')),
      postJson({ key: 'x' }, keyed('reused')),
    ]) {
      expectProblem(t, await wire.exchange(other), 422, 'idempotency-key-reused');
    }
    t.strictSame(
      [await counted(wire, 'reused'), await counted(wire, 'other'), await counted(wire, 'x')],
      [1, undefined, undefined],
    );
    expectReplay(t, await wire.exchange(post('key=reused', keyed('reused'))), first);
  });

  t.test('a key and a value that together read alike are still two payloads', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=a1&value=1', keyed('alike')));
    expectProblem(t, await wire.exchange(post('key=a&value=11', keyed('alike'))), 422, 'idempotency-key-reused');
  });

  t.test('keys are told apart by every character, and are no business of each other', async (t) => {
    const wire = await service.connect(t);
    const keys = ['a', 'A', 'a ', 'aa', '__proto__', 'constructor', '"', '%61', 'x'.repeat(254), 'x'.repeat(255)].map((key) =>
      key.trim(),
    );
    const distinct = new Set(keys).size;
    for (const key of keys) t.equal((await wire.exchange(post('key=apart', keyed(key)))).status, 200);
    t.equal(await counted(wire, 'apart'), distinct, 'each key counted once');
    for (const key of keys) t.ok((await wire.exchange(post('key=apart', keyed(key)))).headers.has('idempotency-replayed'));
    t.equal(await counted(wire, 'apart'), distinct, 'and once only');
  });

  t.test('an Idempotency-Key that can not be one is refused and counts nothing', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['x'.repeat(256), 'x'.repeat(4_000), 'two words', 'tab\tbed', 'caf\xc3\xa9s', '\xe9t\xe9?']) {
      expectProblem(t, await wire.exchange(post('key=invalid', keyed(key))), 400, 'invalid-parameter', 'Idempotency-Key');
    }
    t.equal(await counted(wire, 'invalid'), undefined);
  });

  t.test('an empty Idempotency-Key, or one of blanks, is as none', async (t) => {
    const wire = await service.connect(t);
    for (const [i, blanks] of ['', ' ', '\t  '].entries()) {
      expectCounted(t, await wire.exchange(post('key=empty', keyed(blanks))), 'empty', `${i + 1}`);
    }
  });

  t.test('bytes outside ASCII at the end of an Idempotency-Key are refused, or cut off by uWebSockets.js', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post('key=outside', keyed('caf\xc3\xa9')));
    if (service.transport === 'node') return expectProblem(t, reply, 400, 'invalid-parameter', 'Idempotency-Key');
    expectReplay(t, await wire.exchange(post('key=outside', keyed('caf'))), reply);
  });

  t.test('two Idempotency-Key headers in one request count once at the most', async (t) => {
    const bytes = post('key=twice', keyed('one')).replace('Idempotency-Key: one', 'Idempotency-Key: one\r\nIdempotency-Key: two');
    const wire = await service.connect(t);
    for (let i = 0; i < 3; i++) await wire.exchange(bytes);
    const value = await counted(wire, 'twice');
    t.ok(value === undefined || value === 1, `it is ${value}`);
  });

  t.test('a refused request keeps nothing: the same key then works with the right payload', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=full&value=9223372036854775807'));
    const before = await durability(wire);
    expectProblem(t, await wire.exchange(post('key=full', keyed('refused'))), 409, 'overflow');
    expectProblem(t, await wire.exchange(post('key=full&value=x', keyed('refused'))), 400, 'invalid-parameter', 'value');
    expectProblem(t, await wire.exchange(post('value=1', keyed('refused'))), 400, 'missing-parameter', 'key');
    expectProblem(t, await wire.exchange(post('key=a&durability=x', keyed('refused'))), 400, 'invalid-parameter', 'durability');
    const wrongType = encode({
      method: 'POST',
      target: '/increment',
      headers: { 'Content-Type': 'text/html', ...keyed('refused') },
      body: 'key=a',
    });
    expectProblem(t, await wire.exchange(wrongType), 415, 'unsupported-media-type');
    t.equal((await durability(wire)).seq, before.seq, 'none of them took a seq');
    const right = await wire.exchange(post('key=right', keyed('refused')));
    expectCounted(t, right, 'right', '1');
    t.notOk(right.headers.has('idempotency-replayed'));
    expectReplay(t, await wire.exchange(post('key=right', keyed('refused'))), right);
  });

  t.test('the key goes onto the disk with the write, and not later', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=together', keyed('together')));
    t.notOk(keptKeys(service.db).includes('together'), 'in memory at first');
    await wire.exchange(post('key=elsewhere&durability=disk'));
    t.ok(keptKeys(service.db).includes('together'), 'on disk with the next drain');
  });

  t.test('a request without the header counts however often it is sent', async (t) => {
    const wire = await service.connect(t);
    for (let i = 1; i <= 3; i++) expectCounted(t, await wire.exchange(post('key=plain')), 'plain', `${i}`);
  });

  t.test('the header on a request that changes nothing does nothing', async (t) => {
    const wire = await service.connect(t);
    const drained = encode({ method: 'POST', target: '/drain', headers: { 'Content-Type': FORM, ...keyed('read') }, body: '' });
    for (const request of [encode({ target: '/durability', headers: keyed('read') }), drained]) {
      const reply = await wire.exchange(request);
      t.equal(reply.status, 200);
      t.notOk(reply.headers.has('idempotency-replayed'));
    }
    t.notOk(keptKeys(service.db).includes('read'));
  });

  t.test('of many repeats at once one counts', async (t) => {
    const wires = await Promise.all(Array.from({ length: 40 }, () => service.connect(t)));
    for (const durability of ['memory', 'disk']) {
      const bytes = post(`key=at-once-${durability}&durability=${durability}`, keyed(`at-once-${durability}`));
      const replies = await Promise.all(wires.map((wire) => wire.exchange(bytes)));
      t.equal(new Set(replies.map(({ status, body }) => `${status} ${body}`)).size, 1, 'all replies are one reply');
      t.equal(replies.filter(({ headers }) => !headers.has('idempotency-replayed')).length, 1, 'one of them is the first');
      t.equal(await counted(wires[0] as (typeof wires)[number], `at-once-${durability}`), 1, 'it counted once');
    }
  });

  t.test('whatever the key, sent twice it counts once or is refused twice', async (t) => {
    const wire = await service.connect(t);
    const character = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
    // Blanks at the ends are no part of a header's value, and uWebSockets.js takes bytes outside ASCII there for blanks.
    const text = fc.array(character, { maxLength: 300 }).map((codes) => `!${String.fromCharCode(...codes)}!`);
    let round = 0;
    await holdsAsync(
      t,
      fc.asyncProperty(text, async (key) => {
        const bytes = post(`key=any-${round++}&value=1`, keyed(key));
        const first = await wire.exchange(bytes);
        const second = await wire.exchange(bytes);
        const isValid = /^[!-~]{1,255}$/.test(key);
        const isReplayed = second.headers.get('idempotency-replayed') === 'true' && second.body === first.body;
        // The same key may have come before: then it came with another counter.
        return isValid
          ? first.status === 422 || (first.status === 200 && isReplayed)
          : first.status === 400 && second.status === 400;
      }),
      300,
    );
  });
}, NEVER);
