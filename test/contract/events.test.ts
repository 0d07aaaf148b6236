import t from 'tap';
import { until } from '../condition.js';
import { ask, countAll, increment } from './asking.js';
import { EventClient } from './event-client.js';
import { expectProblem } from './expectation.js';
import { Follower } from './server-sent.js';
import { contract, serve, TRANSPORTS } from './service.js';
import { encode, post } from './wire.js';

/** While a drain lasts, a reply may have to wait, and then uWebSockets.js ends a connection on which there is another request. */
const NO_DRAIN = { syncInterval: '10h' };

contract((t, service) => {
  t.test('who follows a prefix is told what changes from then on, in one event for each counter', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'p:before' });
    const client = await EventClient.open(t, service, 'prefix=p:');
    t.match(Object.fromEntries(client.reply.headers), { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    await increment(wire, { key: 'other' });
    const { seq } = (await increment(wire, { key: 'p:ä "quoted"', value: -5 })).json;
    await client.reaches(Number(seq));
    t.match(client.text, `event: counter\nid: ${seq}\ndata: {"key":"p:ä \\"quoted\\"","value":-5,"seq":${seq}}\n\n`);
    t.strictSame([...client.known], [['p:ä "quoted"', -5]]);
    t.equal(client.resets, 0);
  });

  t.test('who names counters gets their values, and then what changes', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'k1', value: 2n ** 62n });
    const client = await EventClient.open(t, service, 'key=k1&key=k2&key=k1');
    await client.knows('k1', `${2n ** 62n}`);
    t.match(client.text, '"key":"k2","value":null', 'also of one that is not there');
    t.equal(client.events, 2, 'each once');
    await increment(wire, { key: 'k3' });
    await increment(wire, { key: 'k2', value: 7 });
    await client.knows('k2', 7);
    t.strictSame([...client.known.keys()], ['k1', 'k2']);
  });

  t.test('a counter that is deleted, or ends, is told of as null', async (t) => {
    const wire = await service.connect(t);
    const client = await EventClient.open(t, service, 'prefix=gone:');
    await increment(wire, { key: 'gone:deleted' });
    await increment(wire, { key: 'gone:ended', ttl: 1 });
    await client.knows('gone:deleted', 1);
    await client.knows('gone:ended', 1);
    await ask(wire, 'DELETE', '/numbers/gone%3Adeleted');
    await client.knows('gone:deleted');
    await client.knows('gone:ended');
    t.match(client.text, '"key":"gone:ended","value":null');
  });

  t.test('a batch is one write: who is cut off in its middle is told of all of it when it comes back', async (t) => {
    const wire = await service.connect(t);
    const { seq } = (await increment(wire, { key: 'b:first' })).json;
    const client = await EventClient.open(t, service, `prefix=b:&since=${seq}`);
    const keys = Array.from({ length: 2_500 }, (_, i) => `b:${i}:${'x'.repeat(50)}`);
    await countAll(wire, keys);
    await client.reaches(Number(seq) + 1);
    t.strictSame([...client.known.keys()], keys);
    t.ok(client.events < 1.5 * keys.length, `${client.events} events, and few of them twice`);
    for (const share of [0.01, 0.5, 0.99]) {
      const cutOff = new Follower();
      cutOff.receive(client.text.slice(0, client.text.length * share));
      t.equal(cutOff.lastId, Number(seq), 'what it has is the write before');
      const again = await EventClient.open(t, service, 'prefix=b:', cutOff.lastId);
      await again.reaches(Number(seq) + 1);
      t.strictSame([...again.known.keys()], keys);
    }
  });

  t.test('who comes back is told of what changed since, deletions too, and of nothing else', async (t) => {
    const wire = await service.connect(t);
    const stays = await EventClient.open(t, service, 'prefix=since:stays');
    for (const key of ['since:a', 'since:b', 'since:c']) await increment(wire, { key });
    const client = await EventClient.open(t, service, 'prefix=since:', 0);
    await client.knows('since:c', 1);
    client.wire.close();
    await client.ended;
    await increment(wire, { key: 'since:b' });
    await ask(wire, 'DELETE', '/numbers/since%3Aa');
    const { seq } = (await increment(wire, { key: 'since:stays' })).json;
    for (const [query, id] of [
      ['prefix=since:', client.lastId],
      [`prefix=since:&since=${client.lastId}`, undefined],
      // What the client was told last goes before what its address says.
      ['prefix=since:&since=999999999', client.lastId],
    ] as const) {
      const again = await EventClient.open(t, service, query, id);
      await again.reaches(Number(seq));
      t.strictSame([again.resets, ...again.known], [0, ['since:b', 2], ['since:stays', 1]]);
      t.match(again.text, '"key":"since:a","value":null');
      t.equal(again.events, 3);
      again.wire.close();
    }
    await stays.knows('since:stays', 1);
  });

  t.test('who comes with an id that says nothing gets everything, after a reset', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['all:a', 'all:b']) await increment(wire, { key });
    for (const since of [0, 999_999_999]) {
      const client = await EventClient.open(t, service, `prefix=all:&since=${since}`);
      await client.knows('all:b', 1);
      t.strictSame([client.resets, client.events], [1, 2]);
      t.equal(client.text.indexOf('event: reset') < client.text.indexOf('event: counter'), true);
      await increment(wire, { key: `all:${since}` });
      await client.knows(`all:${since}`, 1);
      await ask(wire, 'DELETE', `/numbers/all%3A${since}`);
    }
  });

  t.test('a counter that changes a thousand times makes few events', async (t) => {
    const wire = await service.connect(t);
    const client = await EventClient.open(t, service, 'prefix=hot');
    const startMs = performance.now();
    wire.send(post('key=hot').repeat(1_000));
    for (let i = 0; i < 1_000; i++) await wire.reply();
    await client.knows('hot', 1_000);
    const ms = performance.now() - startMs;
    t.ok(client.events <= ms / 100 + 2, `${client.events} events in ${Math.round(ms)} ms`);
  });

  t.test('a client that stands still is told the newest values when it goes on', async (t) => {
    const wire = await service.connect(t);
    const client = await EventClient.open(t, service, 'prefix=still:');
    client.wire.pause();
    // More than the system's buffers take.
    const rounds = 25;
    const keys = Array.from({ length: 1_000 }, (_, i) => `still:${i}:${'x'.repeat(400)}`);
    for (let round = 1; round <= rounds; round++) await countAll(wire, keys);
    client.wire.resume();
    for (const key of keys) await client.knows(key, rounds);
    t.ok(client.events < keys.length * rounds, `${client.events} events for ${keys.length * rounds} changes`);
  });

  t.test('HEAD has the headers, and follows nothing', async (t) => {
    const wire = await service.connect(t);
    const { status, headers, body } = await wire.exchange(encode({ method: 'HEAD', target: '/events?prefix=p' }));
    t.strictSame([status, headers.get('content-type'), body], [200, 'text/event-stream', '']);
    t.equal((await increment(wire, { key: 'after-head' })).status, 200, 'the connection goes on');
  });

  t.test('what can not be followed is refused', async (t) => {
    const wire = await service.connect(t);
    const refuse = async (query: string, code: string, field?: string, headers = {}) =>
      expectProblem(t, await ask(wire, 'GET', `/events?${query}`, undefined, headers), 400, code, field);
    await refuse('key=', 'invalid-parameter', 'key');
    await refuse(`key=${'x'.repeat(513)}`, 'invalid-parameter', 'key');
    await refuse('key=%00', 'invalid-parameter', 'key');
    await refuse('key=a&prefix=b', 'invalid-parameter', 'key');
    await refuse('key=a&prefix=', 'invalid-parameter', 'key');
    await refuse('prefix=%FF', 'invalid-parameter', 'prefix');
    await refuse('prefix=a&prefix=b', 'duplicate-parameter', 'prefix');
    await refuse('since=1&since=1', 'duplicate-parameter', 'since');
    await refuse('limit=1', 'unknown-parameter');
    await refuse('key=a&'.repeat(1_001), 'too-many-parameters', 'key');
    for (const since of ['-1', '1.5', 'one', '1e3', '%201', '1'.repeat(16)]) {
      await refuse(`since=${since}`, 'invalid-parameter', 'since');
      const id = decodeURIComponent(since).replace(' 1', '1 1');
      await refuse('prefix=a', 'invalid-parameter', 'Last-Event-ID', { 'Last-Event-ID': id });
    }
    await refuse('since=', 'invalid-parameter', 'since');
    expectProblem(t, await ask(wire, 'POST', '/events', {}), 405, 'method-not-allowed');
  });
}, NO_DRAIN);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('where as many follow as there may be one more is refused, until one leaves', async (t) => {
      const service = await serve(t, transport, { maxReaders: '1' });
      const wire = await service.connect(t);
      const first = await EventClient.open(t, service, 'prefix=a');
      const refused = await ask(wire, 'GET', '/events?prefix=a');
      expectProblem(t, refused, 503, 'too-many-readers');
      first.wire.close();
      const head = encode({ method: 'HEAD', target: '/events?prefix=a' });
      await until('there is room', async () => (await wire.exchange(head)).status === 200);
      const client = await EventClient.open(t, service, 'prefix=a');
      await increment(wire, { key: 'a' });
      await client.knows('a', 1);
    });

    t.test('after a restart nobody goes on from before it: all is told again after a reset', async (t) => {
      const before = await serve(t, transport);
      const wire = await before.connect(t);
      for (const key of ['r:a', 'r:b', 'r:c']) await increment(wire, { key });
      const client = await EventClient.open(t, before, 'prefix=r:', 0);
      await client.knows('r:c', 1);
      const { seq } = (await ask(wire, 'DELETE', '/numbers/r%3Aa')).json;
      await client.reaches(Number(seq));
      t.equal(await before.stop(), true);
      t.equal(await client.ended, true, 'the stream ends in order');
      const after = await serve(t, transport, { db: before.db });
      // Its log of changes goes back to its start, and it counts on from the number that was told last.
      await EventClient.open(t, after, 'prefix=other');
      await increment(await after.connect(t), { key: 'r:d' });
      for (const id of [client.lastId, 2]) {
        const again = await EventClient.open(t, after, 'prefix=r:', id);
        await again.knows('r:d', 1);
        t.equal(again.resets, 1);
        t.strictSame([...again.known.keys()], ['r:b', 'r:c', 'r:d']);
      }
    });

    t.test('those who follow do not hold a stop up, whether they read or not', async (t) => {
      const service = await serve(t, transport, { stopTimeout: '10m' });
      const wire = await service.connect(t);
      const clients = await Promise.all(Array.from({ length: 20 }, () => EventClient.open(t, service, 'prefix=')));
      for (const client of clients.slice(0, 10)) client.wire.pause();
      const keys = Array.from({ length: 500 }, (_, i) => `${i}${'x'.repeat(400)}`);
      for (let round = 0; round < 20; round++) await countAll(wire, keys);
      t.equal(await service.stop(), true, 'everything is on disk');
      t.strictSame(new Set(await Promise.all(clients.slice(10).map(({ ended }) => ended))), new Set([true]));
    });
  });
}
