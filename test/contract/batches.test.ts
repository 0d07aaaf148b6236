import { ask, increment, readValue } from './asking.js';
import { expectProblem } from './expectation.js';
import { contract, serve } from './service.js';
import { encode, FORM, type Reply, type Wire } from './wire.js';

const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';
const MAX = 2n ** 63n - 1n;

/** Items as each kind of body has them. */
const KINDS: Readonly<Record<string, (items: readonly Item[]) => string>> = {
  [NDJSON]: (items) => items.map((item) => `${JSON.stringify(item)}\n`).join(''),
  [JSON_TYPE]: (items) => JSON.stringify(items),
  [FORM]: (items) =>
    items.map(({ key, value }) => `key=${encodeURIComponent(key)}${value === undefined ? '' : `&value=${value}`}`).join('&'),
};

interface Item {
  readonly key: string;
  readonly value?: number | string;
}

contract((t, service) => {
  for (const [type, bodyOf] of Object.entries(KINDS)) {
    const name = (key: string) => `${key} ${type}`;

    t.test(`a batch in ${type} is counted in its order, in one write`, async (t) => {
      const wire = await service.connect(t);
      const first = (await increment(wire, { key: name('a') })).json;
      const items = [
        { key: name('a'), value: 5 },
        { key: name('b'), value: -3 },
        { key: name('c') },
        { key: name('a'), value: 2 },
      ];
      const reply = await send(wire, type, bodyOf(items));
      t.equal(reply.status, 200);
      t.same(JSON.parse(reply.body), { values: [6, -3, 1, 8], seq: Number(first.seq) + 1 });
      t.equal(await readValue(wire, name('a')), 8);
      t.equal(await readValue(wire, name('b')), -3);
      t.equal((await increment(wire, { key: name('a') })).json.seq, Number(first.seq) + 2, 'it has one seq');
    });

    t.test(`one bad item in ${type} refuses the batch, with its index, and nothing is changed`, async (t) => {
      const wire = await service.connect(t);
      const good = [{ key: name('x') }, { key: name('y') }];
      for (const [bad, field] of [
        [{ key: '' }, 'key'],
        [{ key: 'k'.repeat(513) }, 'key'],
        [{ key: name('z'), value: '1.5' }, 'value'],
        [{ key: name('z'), value: '9223372036854775808' }, 'value'],
      ] as const) {
        const reply = await send(wire, type, bodyOf([...good, bad, ...good]));
        expectProblem(t, reply, 400, 'invalid-parameter', field, { index: 2 });
      }
      for (const key of ['x', 'y', 'z']) t.equal(await readValue(wire, name(key)), undefined, `${key} was not counted`);
    });

    t.test(`a batch in ${type} that would overflow in the middle is refused whole`, async (t) => {
      const wire = await service.connect(t);
      await increment(wire, { key: name('full'), value: MAX });
      const items = [{ key: name('other') }, { key: name('full'), value: -2 }, { key: name('full'), value: 3 }];
      expectProblem(t, await send(wire, type, bodyOf(items)), 409, 'overflow', undefined, { index: 2 });
      t.equal(await readValue(wire, name('other')), undefined);
      t.equal(await readValue(wire, name('full')), `${MAX}`);
    });

    t.test(`values in ${type} are exact over 64 bits`, async (t) => {
      const wire = await service.connect(t);
      const items = [
        { key: name('large'), value: '9007199254740993' },
        { key: name('large'), value: '-9007199254740993' },
        { key: name('large'), value: `${MAX}` },
      ];
      t.same(JSON.parse((await send(wire, type, bodyOf(items))).body).values, ['9007199254740993', 0, `${MAX}`]);
    });

    t.test(`a batch in ${type} may come in any pieces`, async (t) => {
      const wire = await service.connect(t);
      const items = Array.from({ length: 40 }, (_, i) => ({ key: name(`piece ${i} ü`), value: i }));
      const request = requestOf(type, Buffer.from(bodyOf(items)).toString('latin1'));
      const head = request.indexOf('\r\n\r\n') + 4;
      await wire.flush(request.slice(0, head));
      for (let at = head; at < request.length; at += 97) await wire.flush(request.slice(at, at + 97));
      const reply = await wire.reply();
      t.same(
        JSON.parse(reply.body).values,
        items.map(({ value }) => value),
      );
    });

    t.test(`an empty batch in ${type} changes nothing`, async (t) => {
      const wire = await service.connect(t);
      const last = (await increment(wire, { key: name('last') })).json;
      t.same(JSON.parse((await send(wire, type, bodyOf([]))).body), { values: [], seq: last.seq });
    });

    t.test(`a batch in ${type} over --max-batch-bytes is refused, and changes nothing`, async (t) => {
      const small = await serve(t, service.transport, { maxBatchBytes: '1KiB' });
      const wire = await small.connect(t);
      const items = Array.from({ length: 200 }, () => ({ key: 'k' }));
      expectProblem(t, await send(wire, type, bodyOf(items)), 413, 'body-too-large');
      t.equal(await readValue(await small.connect(t), 'k'), undefined);
    });
  }

  t.test('a batch of a hundred thousand is counted', async (t) => {
    const wire = await service.connect(t);
    const line = (i: number) => `{"key":"many:${i % 50_000}","value":1}\n`;
    const body = Array.from({ length: 100_000 }, (_, i) => line(i)).join('');
    const reply = await send(wire, NDJSON, body, { Prefer: 'return=minimal' });
    t.match(JSON.parse(reply.body), { count: 100_000 });
    t.match((await ask(wire, 'GET', '/sum?prefix=many:')).json, { sum: 100_000, count: 50_000 });
  });

  t.test('the values come as lines where they are asked for', async (t) => {
    const wire = await service.connect(t);
    const reply = await send(wire, NDJSON, '{"key":"l1","value":3}\n{"key":"l2"}', { Accept: NDJSON });
    t.equal(reply.headers.get('content-type'), NDJSON);
    const lines = reply.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(lines, [
      { key: 'l1', value: 3 },
      { key: 'l2', value: 1 },
    ]);
    t.equal(lines[0].seq, lines[1].seq);
  });

  t.test('with Prefer: return=minimal the reply is the count', async (t) => {
    const wire = await service.connect(t);
    for (const prefer of ['return=minimal', 'respond-async, return=minimal', 'return="minimal"; x=1', 'RETURN=MINIMAL']) {
      const reply = await send(wire, FORM, 'key=p1&key=p2', { Prefer: prefer });
      t.match(Object.keys(JSON.parse(reply.body)), ['count', 'seq'], prefer);
    }
    for (const prefer of ['return=representation', 'x-return=minimal', 'return=minimalist']) {
      t.ok('values' in JSON.parse((await send(wire, FORM, 'key=p1', { Prefer: prefer })).body), prefer);
    }
  });

  t.test('a batch may be asked to be on disk, and says so', async (t) => {
    const wire = await service.connect(t);
    const reply = await send(wire, FORM, 'key=d1&key=d2', {}, '/increments?durability=disk');
    t.equal(JSON.parse(reply.body).durable, true);
    const { json } = await ask(wire, 'GET', '/durability');
    t.ok(Number(json.durable_seq) >= JSON.parse(reply.body).seq);
  });

  t.test('a repeat with the same Idempotency-Key counts nothing, and other bytes are another batch', async (t) => {
    const wire = await service.connect(t);
    const headers = { 'Idempotency-Key': 'batch-1' };
    const body = Array.from({ length: 500 }, (_, i) => `{"key":"i${i}"}\n`).join('');
    const first = await send(wire, NDJSON, body, headers);
    const repeat = await send(wire, NDJSON, body, headers);
    t.equal(repeat.body, first.body);
    t.equal(repeat.headers.get('idempotency-replayed'), 'true');
    expectProblem(t, await send(wire, NDJSON, `${body}{"key":"i0"}\n`, headers), 422, 'idempotency-key-reused');
    t.match((await ask(wire, 'GET', '/numbers/i0')).json, { value: 1 });
  });

  t.test('what is no batch is refused', async (t) => {
    const wire = await service.connect(t);
    expectProblem(t, await send(wire, 'text/csv', 'a,1'), 415, 'unsupported-media-type');
    expectProblem(t, await send(wire, JSON_TYPE, '{"key":"a"}'), 400, 'malformed-body');
    expectProblem(t, await send(wire, JSON_TYPE, '[{"key":"a"},'), 400, 'malformed-body');
    expectProblem(t, await send(wire, NDJSON, '{"key":"a"}\n{"key":\n'), 400, 'malformed-body', undefined, { index: 1 });
    expectProblem(t, await send(wire, NDJSON, '{"key":"a","by":1}'), 400, 'unknown-parameter', undefined, { index: 0 });
    expectProblem(t, await send(wire, NDJSON, '{"value":1}'), 400, 'missing-parameter', 'key', { index: 0 });
    expectProblem(t, await send(wire, FORM, 'value=1&key=a'), 400, 'missing-parameter', 'key', { index: 0 });
    expectProblem(t, await send(wire, FORM, 'key=a', {}, '/increments?key=b'), 400, 'unknown-parameter');
    t.equal(await readValue(wire, 'a'), undefined);
  });

  t.test('a batch is there after a restart, whole', async (t) => {
    const before = await serve(t, service.transport);
    const wire = await before.connect(t);
    await send(wire, FORM, 'key=r1&value=4&key=r2&value=-4');
    await before.stop();
    const after = await serve(t, service.transport, { db: before.db });
    const again = await after.connect(t);
    t.same((await ask(again, 'GET', '/numbers?key=r1&key=r2')).json.counters, [
      { key: 'r1', value: 4 },
      { key: 'r2', value: -4 },
    ]);
  });
});

function send(
  wire: Wire,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  target = '/increments',
): Promise<Reply> {
  return wire.exchange(requestOf(type, Buffer.from(body).toString('latin1'), headers, target));
}

function requestOf(type: string, body: string, headers: Readonly<Record<string, string>> = {}, target = '/increments'): string {
  return encode({ method: 'POST', target, headers: { 'Content-Type': type, ...headers }, body });
}
