import { drain, rowCount, stored } from '../writes/written.js';
import { ask, increment, readValue } from './asking.js';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, serve } from './service.js';

contract((t, service) => {
  t.test('PUT gives a counter a value, whether it was there or not', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await ask(wire, 'PUT', '/numbers/set', { value: 42 }), 'set', '42');
    expectCounted(t, await ask(wire, 'PUT', '/numbers/set', { value: -7 }), 'set', '-7');
    expectCounted(t, await ask(wire, 'PUT', '/numbers/set?value=9223372036854775807'), 'set', '"9223372036854775807"');
    expectCounted(t, await increment(wire, { key: 'set', value: -1 }), 'set', '"9223372036854775806"');
  });

  t.test('with if_value it sets only what has that value, and a counter that is not there has 0', async (t) => {
    const wire = await service.connect(t);
    const set = (form: Record<string, number>) => ask(wire, 'PUT', '/numbers/cas', form);
    expectProblem(t, await set({ value: 1, if_value: 5 }), 412, 'value-differs', undefined, { value: 0 });
    t.equal(await readValue(wire, 'cas'), undefined, 'a refusal makes no counter');
    expectCounted(t, await set({ value: 1, if_value: 0 }), 'cas', '1');
    expectProblem(t, await set({ value: 2, if_value: 0 }), 412, 'value-differs', undefined, { value: 1 });
    expectCounted(t, await set({ value: 2, if_value: 1 }), 'cas', '2');
    t.equal(await readValue(wire, 'cas'), 2);
  });

  t.test('DELETE takes a counter out, and says what it had', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'gone', value: 5 });
    expectCounted(t, await ask(wire, 'DELETE', '/numbers/gone'), 'gone', '5');
    t.equal(await readValue(wire, 'gone'), undefined);
    expectProblem(t, await ask(wire, 'DELETE', '/numbers/gone'), 404, 'unknown-key');
    expectCounted(t, await increment(wire, { key: 'gone', value: 2 }), 'gone', '2');
  });

  t.test('setting and deleting reach the file as any write does', async (t) => {
    const wire = await service.connect(t);
    const set = await ask(wire, 'PUT', '/numbers/filed', { value: 5, durability: 'disk' });
    t.equal(set.json.durable, true);
    t.equal(stored(service.db, 'filed'), 5);
    const gone = await ask(wire, 'DELETE', '/numbers/filed?durability=disk');
    t.equal(gone.json.durable, true);
    t.equal(rowCount(service.db, 'numbers', 'filed'), 0);
  });

  t.test('a counter that is deleted and counted again between two drains is a fresh one in the file', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'again', value: 10, durability: 'disk' });
    await ask(wire, 'DELETE', '/numbers/again');
    await increment(wire, { key: 'again', value: 1 });
    await ask(wire, 'DELETE', '/numbers/again');
    await increment(wire, { key: 'again', value: 3 });
    await wire.exchange(drain());
    t.equal(stored(service.db, 'again'), 3);
    t.equal(rowCount(service.db, 'numbers', 'again'), 1);
  });

  t.test('one that was never in the file can be deleted before it gets there', async (t) => {
    const wire = await service.connect(t);
    await increment(wire, { key: 'brief' });
    await ask(wire, 'DELETE', '/numbers/brief');
    await wire.exchange(drain());
    t.equal(rowCount(service.db, 'numbers', 'brief'), 0);
    t.equal(await readValue(wire, 'brief'), undefined);
  });

  t.test('a repeat with the same Idempotency-Key sets or deletes once', async (t) => {
    const wire = await service.connect(t);
    const setKey = { 'Idempotency-Key': 'set-1' };
    const first = await ask(wire, 'PUT', '/numbers/once', { value: 5 }, setKey);
    await increment(wire, { key: 'once', value: 1 });
    const repeat = await ask(wire, 'PUT', '/numbers/once', { value: 5 }, setKey);
    t.equal(repeat.body, first.body);
    t.equal(await readValue(wire, 'once'), 6, 'the repeat changed nothing');
    expectProblem(t, await ask(wire, 'DELETE', '/numbers/once', undefined, setKey), 422, 'idempotency-key-reused');
    const deleteKey = { 'Idempotency-Key': 'delete-1' };
    const gone = await ask(wire, 'DELETE', '/numbers/once', undefined, deleteKey);
    await increment(wire, { key: 'once', value: 1 });
    t.equal((await ask(wire, 'DELETE', '/numbers/once', undefined, deleteKey)).body, gone.body);
    t.equal(await readValue(wire, 'once'), 1, 'the repeat deleted nothing');
  });

  t.test('any key can be set and deleted at its path', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['a/b', 'sources', 'a b', '日本', '__proto__', '%2F', 'x/sources/y', 'key?x=1']) {
      const target = `/numbers/${encodeURIComponent(key)}`;
      expectCounted(t, await ask(wire, 'PUT', target, { value: 3 }), key, '3');
      expectCounted(t, await ask(wire, 'DELETE', target), key, '3');
    }
  });

  t.test('what can not be set is refused, and changes nothing', async (t) => {
    const wire = await service.connect(t);
    await ask(wire, 'PUT', '/numbers/kept', { value: 5 });
    const refuse = async (form: Record<string, string | number>, code: string, field?: string) =>
      expectProblem(t, await ask(wire, 'PUT', '/numbers/kept', form), 400, code, field);
    await refuse({}, 'missing-parameter', 'value');
    await refuse({ value: 'five' }, 'invalid-parameter', 'value');
    await refuse({ value: '9223372036854775808' }, 'invalid-parameter', 'value');
    await refuse({ value: 1, if_value: '' }, 'invalid-parameter', 'if_value');
    await refuse({ value: 1, durability: 'tape' }, 'invalid-parameter', 'durability');
    await refuse({ value: 1, key: 'other' }, 'unknown-parameter');
    expectProblem(t, await ask(wire, 'PUT', '/numbers/%FF', { value: 1 }), 400, 'invalid-parameter', 'key');
    expectProblem(t, await ask(wire, 'DELETE', '/numbers/%00'), 400, 'invalid-parameter', 'key');
    expectProblem(t, await ask(wire, 'DELETE', '/numbers/kept?durability=tape'), 400, 'invalid-parameter', 'durability');
    expectProblem(t, await ask(wire, 'DELETE', '/numbers/kept?value=5'), 400, 'unknown-parameter');
    t.equal(await readValue(wire, 'kept'), 5);
  });

  t.test('set and deleted counters are as they were after a restart', async (t) => {
    const before = await serve(t, service.transport);
    const wire = await before.connect(t);
    await ask(wire, 'PUT', '/numbers/stays', { value: 9 });
    await increment(wire, { key: 'goes', durability: 'disk' });
    await ask(wire, 'DELETE', '/numbers/goes');
    await before.stop();
    const after = await serve(t, service.transport, { db: before.db });
    const again = await after.connect(t);
    t.equal(await readValue(again, 'stays'), 9);
    t.equal(await readValue(again, 'goes'), undefined);
  });
});
