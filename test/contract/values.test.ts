import type { Test } from 'tap';
import { expectCounted, expectProblem } from './expectation.js';
import { contract, type Service } from './service.js';
import { encode, post, type Reply } from './wire.js';

const MAX = '9223372036854775807';
const MIN = '-9223372036854775808';

/** Values as they are meant, with what a fresh counter then is in JSON. */
const TAKEN: readonly (readonly [value: string, total: string])[] = [
  ['0', '0'],
  ['-0', '0'],
  ['7', '7'],
  ['-7', '-7'],
  ['007', '7'],
  ['-007', '-7'],
  ['0000000000000000000000000000042', '42'],
  ['2147483647', '2147483647'],
  ['2147483648', '2147483648'],
  ['-2147483649', '-2147483649'],
  ['999999999999999', '999999999999999'],
  ['1000000000000000', '1000000000000000'],
  ['9007199254740991', '9007199254740991'],
  ['-9007199254740991', '-9007199254740991'],
  ['9007199254740992', '"9007199254740992"'],
  ['9007199254740993', '"9007199254740993"'],
  ['-9007199254740993', '"-9007199254740993"'],
  [MAX, `"${MAX}"`],
  [MIN, `"${MIN}"`],
];

const REFUSED = [
  ...[
    '',
    ' ',
    ' 1',
    '1 ',
    '1 2',
    '+1',
    '--1',
    '-',
    '- 1',
    '1-',
    '1.0',
    '1.',
    '.5',
    '1e3',
    '1E3',
    '0x10',
    '0b1',
    '0o7',
    '1_000',
    '1,000',
  ],
  ...[
    'NaN',
    'Infinity',
    'null',
    'true',
    'one',
    '1n',
    '١',
    '1\u0000',
    '\u00a01',
    '\ufeff1',
    '9223372036854775808',
    '-9223372036854775809',
  ],
  ...['18446744073709551616', '99999999999999999999', '1'.repeat(400), `-${'9'.repeat(30_000)}`, '1'.repeat(60_000)],
];

/** The same value, as each kind of request carries it. */
const CARRIERS: Readonly<Record<string, (key: string, value: string) => string>> = {
  form: (key, value) => post(`key=${key}&value=${encodeURIComponent(value)}`),
  query: (key, value) => encode({ method: 'POST', target: `/increment?value=${encodeURIComponent(value)}&key=${key}` }),
  'JSON string': (key, value) => json(`{"key":"${key}","value":${JSON.stringify(value)}}`),
};

contract((t, service) => {
  for (const [carrier, request] of Object.entries(CARRIERS)) {
    t.test(`a whole number of 64 bits in a ${carrier} is counted exactly`, async (t) => {
      const wire = await service.connect(t);
      for (const [i, [value, total]] of TAKEN.entries()) {
        const key = `taken-${carrier.replace(' ', '-')}-${i}`;
        expectCounted(t, await wire.exchange(request(key, value)), key, total);
      }
    });

    t.test(`anything else in a ${carrier} is refused and counts nothing`, async (t) => {
      const wire = await service.connect(t);
      for (const value of REFUSED) {
        if (carrier === 'query' && value.length > 1_000) continue;
        t.comment(JSON.stringify(value.slice(0, 40)));
        expectProblem(t, await wire.exchange(request('refused', value)), 400, 'invalid-parameter', 'value');
      }
      t.equal((await wire.exchange(encode({ target: '/numbers/refused' }))).status, 404, 'nothing was counted');
    });
  }

  t.test('a JSON number is counted digit by digit', async (t) => {
    const wire = await service.connect(t);
    for (const [i, [value, total]] of TAKEN.filter(([value]) => !/^-?0\d/.test(value)).entries()) {
      expectCounted(t, await wire.exchange(json(`{"value": ${value}, "key": "json-${i}"}`)), `json-${i}`, total);
    }
  });

  t.test('a JSON number with a fraction, an exponent, or out of range is refused', async (t) => {
    const wire = await service.connect(t);
    for (const value of ['1.0', '1.5', '1e3', '1E3', '1e0', '0.0', '-0.0', '9223372036854775808', '1e400']) {
      expectProblem(t, await wire.exchange(json(`{"key":"fraction","value":${value}}`)), 400, 'invalid-parameter', 'value');
    }
  });

  t.test('a value that is left out is 1', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post('key=default')), 'default', '1');
    expectCounted(t, await wire.exchange(json('{"key":"default"}')), 'default', '2');
    expectCounted(t, await wire.exchange(encode({ method: 'POST', target: '/increment?key=default' })), 'default', '3');
  });

  t.test('a total passes 2^53 in both directions without losing a unit', async (t) => {
    const wire = await service.connect(t);
    for (const sign of ['', '-']) {
      const key = `edge${sign}`;
      const step = async (value: string, total: string) =>
        expectCounted(t, await wire.exchange(post(`key=${key}&value=${value}`)), key, total);
      const [up, down] = sign === '' ? ['1', '-1'] : ['-1', '1'];
      await step(`${sign}9007199254740990`, `${sign}9007199254740990`);
      await step(up, `${sign}9007199254740991`);
      await step(up, `"${sign}9007199254740992"`);
      await step(up, `"${sign}9007199254740993"`);
      await step(down, `"${sign}9007199254740992"`);
      await step(down, `${sign}9007199254740991`);
      await expectStored(t, service, key, `${sign}9007199254740991`);
    }
  });

  for (const [name, limit, over] of [
    ['largest', MAX, '1'],
    ['smallest', MIN, '-1'],
  ] as const) {
    t.test(`a step beyond the ${name} total is refused and changes nothing`, async (t) => {
      const wire = await service.connect(t);
      const step = (value: string): Promise<Reply> => wire.exchange(post(`key=${name}&value=${value}`));
      expectCounted(t, await step(limit), name, `"${limit}"`);
      expectProblem(t, await step(over), 409, 'overflow');
      expectProblem(t, await step(limit), 409, 'overflow');
      await expectStored(t, service, name, `"${limit}"`);
      expectCounted(t, await step('0'), name, `"${limit}"`);
      expectCounted(t, await step(limit === MAX ? MIN : MAX), name, '-1');
    });
  }

  t.test('a total beyond 2^53 is a plain number in plain text', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(post(`key=plain&value=${MAX}`, { Accept: 'text/plain' }));
    t.equal(reply.body, `${MAX}\n`);
  });
});

function json(body: string): string {
  return encode({
    method: 'POST',
    target: '/increment',
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(body).toString('latin1'),
  });
}

async function expectStored(t: Test, service: Service, key: string, value: string): Promise<void> {
  const wire = await service.connect(t);
  t.equal((await wire.exchange(encode({ target: `/numbers/${key}` }))).body, `{"key":"${key}","value":${value}}`);
}
