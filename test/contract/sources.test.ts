import { rowCount } from '../writes/written.js';
import { ask, type Form, increment, readValue } from './asking.js';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, serve } from './service.js';

const MAX = 2n ** 63n - 1n;

contract((t, service) => {
  t.test('a counter is the sum of the highest totals of its sources', async (t) => {
    const wire = await service.connect(t);
    const report = (source: string, value: number) => ask(wire, 'PUT', `/numbers/sum/sources/${source}`, { value });
    expectCounted(t, await report('a', 5), 'sum', '5');
    expectCounted(t, await report('b', 7), 'sum', '12');
    expectCounted(t, await report('a', 6), 'sum', '13');
    t.equal(await readValue(wire, 'sum'), 13);
  });

  t.test('repeats, late reports and lower ones change nothing, and are no writes', async (t) => {
    const wire = await service.connect(t);
    const report = (value: number) => ask(wire, 'PUT', '/numbers/late/sources/a', { value });
    const newest = await report(9);
    for (const value of [9, 3, 0, 9]) t.equal((await report(value)).body, newest.body);
    t.equal(await readValue(wire, 'late'), 9);
  });

  t.test('whatever the order and the repeats of reports, the sum is the same', async (t) => {
    const wire = await service.connect(t);
    const reports = ['a', 'b', 'c'].flatMap((source) => [1, 4, 9].map((value) => ({ source, value })));
    for (const [i, order] of [reports, [...reports].reverse(), [...reports, ...reports].sort(() => 0)].entries()) {
      for (const { source, value } of order) await ask(wire, 'PUT', `/numbers/order${i}/sources/${source}`, { value });
      t.equal(await readValue(wire, `order${i}`), 27);
    }
  });

  t.test('what a source counts down is a series of its own', async (t) => {
    const wire = await service.connect(t);
    const report = (form: Form) => ask(wire, 'PUT', '/numbers/both/sources/a', form);
    expectCounted(t, await report({ value: 10, decrements: 4 }), 'both', '6');
    expectCounted(t, await report({ decrements: 7 }), 'both', '3');
    expectCounted(t, await report({ value: 11, decrements: 4 }), 'both', '4');
    t.same((await ask(wire, 'GET', '/numbers/both/sources')).json, {
      key: 'both',
      value: 4,
      sources: [{ source: 'a', value: 11, decrements: 7 }],
    });
  });

  t.test('the sources are listed in the order of their names', async (t) => {
    const wire = await service.connect(t);
    for (const source of ['b', 'a', 'a/b', 'ä']) {
      await ask(wire, 'PUT', `/numbers/listed/sources/${encodeURIComponent(source)}`, { value: 1 });
    }
    const { json } = await ask(wire, 'GET', '/numbers/listed/sources');
    t.same(
      (json.sources as { source: string }[]).map(({ source }) => source),
      ['a', 'a/b', 'b', 'ä'],
    );
    await increment(wire, { key: 'alone' });
    t.same((await ask(wire, 'GET', '/numbers/alone/sources')).json.sources, []);
    expectProblem(t, await ask(wire, 'GET', '/numbers/nobody/sources'), 404, 'unknown-key');
  });

  t.test('increments and reports of the same counter add up', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'mixed', value: 100 });
    expectCounted(t, await ask(wire, 'PUT', '/numbers/mixed/sources/a', { value: 5 }), 'mixed', '105');
    await increment(wire, { key: 'mixed', value: -1 });
    expectCounted(t, await ask(wire, 'PUT', '/numbers/mixed/sources/a', { value: 6 }), 'mixed', '105');
  });

  t.test('a first report of zero makes the counter', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await ask(wire, 'PUT', '/numbers/zero/sources/a', { value: 0 }), 'zero', '0');
    t.equal(await readValue(wire, 'zero'), 0);
  });

  t.test('a deleted counter has forgotten its sources, in the file too', async (t) => {
    const wire = await service.connect(t);
    await ask(wire, 'PUT', '/numbers/forget/sources/a', { value: 5, durability: 'disk' });
    t.equal(rowCount(service.db, 'incrementer_sources', 'forget'), 1);
    await ask(wire, 'DELETE', '/numbers/forget?durability=disk');
    t.equal(rowCount(service.db, 'incrementer_sources', 'forget'), 0);
    expectCounted(t, await ask(wire, 'PUT', '/numbers/forget/sources/a', { value: 6 }), 'forget', '6');
  });

  t.test('totals are exact over 64 bits, and a sum beyond them is refused', async (t) => {
    const wire = await service.connect(t);
    const report = (source: string, form: Form) => ask(wire, 'PUT', `/numbers/large/sources/${source}`, form);
    expectCounted(t, await report('a', { value: MAX }), 'large', `"${MAX}"`);
    expectProblem(t, await report('b', { value: 1 }), 409, 'overflow');
    expectCounted(t, await report('b', { value: 1, decrements: MAX }), 'large', '1');
    expectCounted(t, await report('c', { decrements: MAX }), 'large', `"${1n - MAX}"`);
  });

  t.test('what is no running total is refused, and changes nothing', async (t) => {
    const wire = await service.connect(t);
    const refuse = async (form: Record<string, string | number>, code: string, field?: string) =>
      expectProblem(t, await ask(wire, 'PUT', '/numbers/bad/sources/a', form), 400, code, field);
    await refuse({}, 'missing-parameter', 'value');
    await refuse({ value: -1 }, 'invalid-parameter', 'value');
    await refuse({ value: 'x' }, 'invalid-parameter', 'value');
    await refuse({ decrements: -1 }, 'invalid-parameter', 'decrements');
    await refuse({ value: 1, source: 'b' }, 'unknown-parameter');
    expectProblem(t, await ask(wire, 'PUT', '/numbers/bad/sources/%FF', { value: 1 }), 400, 'invalid-parameter', 'source');
    expectProblem(t, await ask(wire, 'PUT', '/numbers/%00/sources/a', { value: 1 }), 400, 'invalid-parameter', 'key');
    expectProblem(t, await ask(wire, 'GET', '/numbers/bad/sources'), 404, 'unknown-key');
  });

  t.test('sources are kept across a restart', async (t) => {
    const before = await serve(t, service.transport);
    const wire = await before.connect(t);
    await ask(wire, 'PUT', '/numbers/kept/sources/a', { value: 5, decrements: 2 });
    await before.stop();
    const after = await serve(t, service.transport, { db: before.db });
    const again = await after.connect(t);
    expectCounted(t, await ask(again, 'PUT', '/numbers/kept/sources/a', { value: 6, decrements: 2 }), 'kept', '4');
  });

  t.test('where there are as many sources as there may be, a new one is refused and known ones go on', async (t) => {
    const few = await serve(t, service.transport, { maxSources: '2' });
    const wire = await few.connect(t);
    for (const source of ['a', 'b']) await ask(wire, 'PUT', `/numbers/few/sources/${source}`, { value: 1 });
    expectProblem(t, await ask(wire, 'PUT', '/numbers/few/sources/c', { value: 1 }), 503, 'sources-full');
    expectCounted(t, await ask(wire, 'PUT', '/numbers/few/sources/b', { value: 2 }), 'few', '3');
  });
});
