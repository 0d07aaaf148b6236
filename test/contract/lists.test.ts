import t, { type Test } from 'tap';
import { ask, increment } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract, serve, TRANSPORTS, type TransportName } from './service.js';
import type { Wire } from './wire.js';

interface Listed {
  readonly key: string;
  readonly value: number | string | null;
}

contract((t, service) => {
  t.test('several counters are read at one instant, in the order in which they were asked for', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'one', value: 1 });
    const { json } = await increment(wire, { key: 'two', value: 2 });
    const reply = await ask(wire, 'GET', '/numbers?key=two&key=nobody&key=one&key=two');
    t.same(reply.json.counters, [
      { key: 'two', value: 2 },
      { key: 'nobody', value: null },
      { key: 'one', value: 1 },
      { key: 'two', value: 2 },
    ]);
    t.equal(reply.json.seq, json.seq, 'as of the last write');
  });

  t.test('what can not be listed is refused', async (t) => {
    const wire = await service.connect(t);
    const refuse = async (target: string, code: string, field?: string) =>
      expectProblem(t, await ask(wire, 'GET', target), 400, code, field);
    await refuse('/numbers?key=', 'invalid-parameter', 'key');
    await refuse('/numbers?key=a&prefix=b', 'invalid-parameter', 'key');
    await refuse('/numbers?key=a&limit=5', 'invalid-parameter', 'key');
    await refuse('/numbers?prefix=a&prefix=b', 'duplicate-parameter', 'prefix');
    await refuse('/numbers?order=up', 'unknown-parameter');
    await refuse(`/numbers?${'key=a&'.repeat(1_001)}`, 'too-many-parameters', 'key');
    for (const limit of ['0', '-1', '1001', 'ten', '1.5', '']) {
      await refuse(`/numbers?limit=${limit}`, 'invalid-parameter', 'limit');
      await refuse(`/top?limit=${limit}`, 'invalid-parameter', 'limit');
    }
    await refuse('/sum?limit=1', 'unknown-parameter');
    await refuse('/top?prefix=%FF', 'invalid-parameter', 'prefix');
  });
});

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('a page has the counters in the order of their keys, and a link to the next one', async (t) => {
      const wire = await holding(t, transport, { b: 2, a: 1, 'a/1': 3, ä: 4, B: 5 });
      const first = await ask(wire, 'GET', '/numbers?limit=2');
      t.same(keysOf(first.json.counters), ['B', 'a']);
      t.equal(first.headers.get('link'), '</numbers?after=a&limit=2>; rel="next"');
      const second = await ask(wire, 'GET', nextOf(first.headers.get('link')));
      t.same(second.json.counters, [
        { key: 'a/1', value: 3 },
        { key: 'b', value: 2 },
      ]);
      const last = await ask(wire, 'GET', nextOf(second.headers.get('link')));
      t.same(last.json.counters, [{ key: 'ä', value: 4 }]);
      t.notOk(last.headers.has('link'), 'there is nothing after the last');
    });

    t.test('following the links visits each counter of a prefix once', async (t) => {
      const all = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`user:${i} ü&/?`, i]));
      const wire = await holding(t, transport, { ...all, other: 1, user: 1 });
      const seen: Listed[] = [];
      let target: string | undefined = `/numbers?prefix=${encodeURIComponent('user:')}&limit=17`;
      while (target !== undefined) {
        const page = await ask(wire, 'GET', target);
        seen.push(...(page.json.counters as Listed[]));
        const link = page.headers.get('link');
        target = link === undefined ? undefined : nextOf(link);
      }
      t.same(
        seen,
        Object.entries(all)
          .map(([key, value]) => ({ key, value }))
          .sort((a, b) => (a.key < b.key ? -1 : 1)),
      );
    });

    t.test('a page sees every write before it: new, changed and deleted counters', async (t) => {
      const wire = await holding(t, transport, { p1: 1, p2: 2, p3: 3 });
      await ask(wire, 'GET', '/numbers?prefix=p');
      await increment(wire, { key: 'p2', value: 10 });
      await increment(wire, { key: 'p0', value: 5 });
      await ask(wire, 'DELETE', '/numbers/p1');
      t.same((await ask(wire, 'GET', '/numbers?prefix=p')).json.counters, [
        { key: 'p0', value: 5 },
        { key: 'p2', value: 12 },
        { key: 'p3', value: 3 },
      ]);
      t.same((await ask(wire, 'GET', '/numbers?prefix=p&limit=2')).json.counters, [
        { key: 'p0', value: 5 },
        { key: 'p2', value: 12 },
      ]);
    });

    t.test('the highest come first, and those of the same value in the order of their keys', async (t) => {
      const wire = await holding(t, transport, { a: 5, b: 9, c: 5, d: -1, e: 7, 'x:a': 100 });
      t.same((await ask(wire, 'GET', '/top?limit=4')).json.counters, [
        { key: 'x:a', value: 100 },
        { key: 'b', value: 9 },
        { key: 'e', value: 7 },
        { key: 'a', value: 5 },
      ]);
      t.same(keysOf((await ask(wire, 'GET', '/top')).json.counters), ['x:a', 'b', 'e', 'a', 'c', 'd']);
      t.same(keysOf((await ask(wire, 'GET', '/top?prefix=x:')).json.counters), ['x:a']);
    });

    t.test('a sum is exact, however large', async (t) => {
      const wire = await holding(t, transport, { 's:a': 5, 's:b': -7, other: 100 });
      t.match((await ask(wire, 'GET', '/sum?prefix=s:')).json, { sum: -2, count: 2 });
      t.match((await ask(wire, 'GET', '/sum')).json, { sum: 98, count: 3 });
      t.match((await ask(wire, 'GET', '/sum?prefix=nobody')).json, { sum: 0, count: 0 });
      for (const key of ['s:x', 's:y']) await increment(wire, { key, value: 2n ** 63n - 1n });
      t.match((await ask(wire, 'GET', '/sum?prefix=s:')).json, { sum: `${2n ** 64n - 4n}`, count: 4 });
    });

    t.test('lists, top and sum have everything after a restart', async (t) => {
      const before = await serve(t, transport);
      const wire = await before.connect(t);
      for (const [key, value] of Object.entries({ r1: 1, r2: 2 })) await increment(wire, { key, value });
      await before.stop();
      const after = await serve(t, transport, { db: before.db });
      const again = await after.connect(t);
      t.same(keysOf((await ask(again, 'GET', '/numbers')).json.counters), ['r1', 'r2']);
      t.same(keysOf((await ask(again, 'GET', '/top')).json.counters), ['r2', 'r1']);
      t.match((await ask(again, 'GET', '/sum')).json, { sum: 3, count: 2 });
    });
  });
}

/** A server of its own that holds these counters and no others. */
async function holding(t: Test, transport: TransportName, values: Readonly<Record<string, number>>): Promise<Wire> {
  const service = await serve(t, transport);
  const wire = await service.connect(t);
  for (const [key, value] of Object.entries(values)) await increment(wire, { key, value });
  return wire;
}

function keysOf(counters: unknown): string[] {
  return (counters as Listed[]).map(({ key }) => key);
}

/** Where a Link header leads. */
function nextOf(link: string | undefined): string {
  const [, target] = /^<([^>]+)>; rel="next"$/.exec(link ?? '') ?? [];
  if (target === undefined) throw new Error(`no link to the next page: ${link}`);
  return target;
}
