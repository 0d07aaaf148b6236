import t, { type Test } from 'tap';
import { expectCounted, expectProblem } from '../contract/expectation.js';
import { contract, serve, TRANSPORTS } from '../contract/service.js';
import { encode, FORM, post, type Reply } from '../contract/wire.js';
import { durability, keyed, postJson, postQuery, stored } from './written.js';

/** So that nothing but a request can bring a write onto the disk. */
const NEVER = { syncInterval: '10h' };

const CARRIERS: readonly (readonly [name: string, request: (key: string, durability: string) => string])[] = [
  ['a plain form', (key, durability) => post(`key=${key}&durability=${durability}`)],
  ['a plain form with a value', (key, durability) => post(`key=${key}&value=1&durability=${durability}`)],
  ['a form in another order', (key, durability) => post(`durability=${durability}&value=1&key=${key}`)],
  [
    'a percent-encoded form',
    (key, durability) => post(`key=${key}&durability=${durability.replace('d', '%64').replace('m', '%6d')}`),
  ],
  ['JSON', (key, durability) => postJson({ key, durability })],
  ['a query', (key, durability) => postQuery(`key=${key}&durability=${durability}`)],
  [
    'a query beside a form',
    (key, durability) =>
      encode({
        method: 'POST',
        target: `/increment?durability=${durability}`,
        headers: { 'Content-Type': FORM },
        body: `key=${key}`,
      }),
  ],
];

contract((t, service) => {
  for (const [i, [carrier, request]] of CARRIERS.entries()) {
    t.test(`durability=disk in ${carrier} is on disk when the reply is there`, async (t) => {
      const wire = await service.connect(t);
      for (const value of [1, 2, 3]) {
        const reply = await wire.exchange(request(`disk-${i}`, 'disk'));
        t.equal(stored(service.db, `disk-${i}`), value, 'the row is in the file');
        expectDurable(t, reply, `disk-${i}`, value);
      }
    });

    t.test(`durability=memory in ${carrier} is not waited for`, async (t) => {
      const wire = await service.connect(t);
      expectCounted(t, await wire.exchange(request(`memory-${i}`, 'memory')), `memory-${i}`, '1');
      t.equal(stored(service.db, `memory-${i}`), undefined, 'the row is not in the file');
    });

    for (const wrong of ['DISK', 'disk%20', 'ssd', '']) {
      t.test(`durability=${wrong} in ${carrier} is refused and counts nothing`, async (t) => {
        const wire = await service.connect(t);
        const before = await durability(wire);
        const value = carrier === 'JSON' ? decodeURIComponent(wrong) : wrong;
        expectProblem(t, await wire.exchange(request(`wrong-${i}`, value)), 400, 'invalid-parameter', 'durability');
        t.equal((await durability(wire)).seq, before.seq, 'no write was made');
        t.equal((await wire.exchange(encode({ target: `/numbers/wrong-${i}` }))).status, 404, 'there is no counter');
      });
    }
  }

  t.test('a bare value says nothing of the disk, and is on it all the same', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post('key=bare&value=7&durability=disk', { Accept: 'text/plain' }));
    t.equal(stored(service.db, 'bare'), 7, 'the row is in the file');
    t.strictSame([reply.status, reply.body], [200, '7\n']);
  });

  t.test('with an Idempotency-Key it is on disk when the reply is there, and so is the key', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post('key=keyed&durability=disk', keyed('on-disk')));
    t.equal(stored(service.db, 'keyed'), 1, 'the row is in the file');
    expectDurable(t, reply, 'keyed', 1);
  });

  t.test('a disk write takes everything along that was counted before it', async (t) => {
    const wire = await service.connect(t);
    for (let i = 0; i < 100; i++) await wire.exchange(post(`key=along-${i}`));
    await wire.exchange(post('key=last&durability=disk'));
    for (let i = 0; i < 100; i++) t.equal(stored(service.db, `along-${i}`), 1);
    t.equal((await durability(wire)).pending, 0);
  });
}, NEVER);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, --durability disk holds for requests that do not say`, async (t) => {
    const service = await serve(t, transport, { ...NEVER, durability: 'disk' });
    const wire = await service.connect(t);
    for (const [key, request] of [
      ['plain', post('key=plain')],
      ['valued', post('key=valued&value=1')],
      ['json', postJson({ key: 'json' })],
      ['query', postQuery('key=query')],
    ] as const) {
      const reply = await wire.exchange(request);
      t.equal(stored(service.db, key), 1, 'the row is in the file');
      expectDurable(t, reply, key, 1);
    }
    for (const [key, request] of [
      ['said-plain', post('key=said-plain&durability=memory')],
      ['said-json', postJson({ key: 'said-json', durability: 'memory' })],
    ] as const) {
      expectCounted(t, await wire.exchange(request), key, '1');
      t.equal(stored(service.db, key), undefined, 'the request goes before the default');
    }
  });
}

function expectDurable(t: Test, reply: Reply, key: string, value: number): void {
  t.equal(reply.status, 200);
  t.match(reply.headers.get('content-type'), /^application\/json/);
  const { seq, ...rest } = JSON.parse(reply.body) as { seq: number };
  t.ok(Number.isSafeInteger(seq) && seq > 0, 'it has a seq');
  t.strictSame(rest, { key, value, durable: true }, 'it says that it is durable');
}
