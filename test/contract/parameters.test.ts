import { expectCounted, expectProblem } from './expectation.js';
import { contract } from './service.js';
import { encode, FORM, post, utf8 } from './wire.js';

interface Sent {
  readonly query?: string;
  readonly type?: string;
  readonly body?: string;
}

const JSON_TYPE = 'application/json';

const REFUSED: readonly (readonly [what: string, sent: Sent, code: string, field?: string])[] = [
  ['no parameters', {}, 'missing-parameter', 'key'],
  ['no key in a form', { body: 'value=1' }, 'missing-parameter', 'key'],
  ['no key in a query', { query: 'value=1' }, 'missing-parameter', 'key'],
  ['no key in JSON', { type: JSON_TYPE, body: '{"value":1}' }, 'missing-parameter', 'key'],
  ['an empty object', { type: JSON_TYPE, body: '{}' }, 'missing-parameter', 'key'],
  ['only ampersands', { body: '&&&' }, 'missing-parameter', 'key'],
  ['a key without a value', { body: 'key' }, 'invalid-parameter', 'key'],
  ['a value without a value', { body: 'key=a&value' }, 'invalid-parameter', 'value'],
  ['two keys in a form', { body: 'key=a&key=b' }, 'duplicate-parameter', 'key'],
  ['the same key twice', { body: 'key=a&key=a' }, 'duplicate-parameter', 'key'],
  ['two keys, one of them encoded', { body: 'key=a&%6bey=b' }, 'duplicate-parameter', 'key'],
  ['two keys, the first empty', { body: 'key=&key=b' }, 'duplicate-parameter', 'key'],
  ['two values in a form', { body: 'key=a&value=1&value=1' }, 'duplicate-parameter', 'value'],
  ['two keys in a query', { query: 'key=a&key=b' }, 'duplicate-parameter', 'key'],
  ['a key in query and form', { query: 'key=a', body: 'key=a' }, 'duplicate-parameter', 'key'],
  ['a key in query and JSON', { query: 'key=a', type: JSON_TYPE, body: '{"key":"a"}' }, 'duplicate-parameter', 'key'],
  [
    'a value in query and JSON',
    { query: 'value=1', type: JSON_TYPE, body: '{"key":"a","value":1}' },
    'duplicate-parameter',
    'value',
  ],
  ['two keys in JSON', { type: JSON_TYPE, body: '{"key":"a","key":"b"}' }, 'duplicate-parameter', 'key'],
  ['the same key twice in JSON', { type: JSON_TYPE, body: '{"key":"a","key":"a"}' }, 'duplicate-parameter', 'key'],
  ['the same value twice in JSON', { type: JSON_TYPE, body: '{"key":"a","value":1,"value":1}' }, 'duplicate-parameter', 'value'],
  ['two keys in JSON, one escaped', { type: JSON_TYPE, body: '{"key":"a","\\u006bey":"b"}' }, 'duplicate-parameter', 'key'],
  ['an unknown parameter in a form', { body: 'key=a&by=1' }, 'unknown-parameter'],
  ['an unknown parameter in a query', { query: 'by=1', body: 'key=a' }, 'unknown-parameter'],
  ['an unknown parameter in JSON', { type: JSON_TYPE, body: '{"key":"a","by":1}' }, 'unknown-parameter'],
  ['__proto__ as a parameter of a form', { body: 'key=a&__proto__=1' }, 'unknown-parameter'],
  ['constructor as a parameter of JSON', { type: JSON_TYPE, body: '{"key":"a","constructor":1}' }, 'unknown-parameter'],
  ['__proto__ as a parameter of JSON', { type: JSON_TYPE, body: '{"key":"a","__proto__":"b"}' }, 'unknown-parameter'],
  ['an object as __proto__ in JSON', { type: JSON_TYPE, body: '{"__proto__":{"value":"5"},"key":"a"}' }, 'unknown-parameter'],
  [
    'an unknown parameter in JSON that can not be told as a text',
    { type: JSON_TYPE, body: '{"a":{"toString":null}}' },
    'unknown-parameter',
  ],
  [
    'an unknown parameter in JSON that is a deep array',
    { type: JSON_TYPE, body: `{"a":${'['.repeat(900)}${']'.repeat(900)}}` },
    'unknown-parameter',
  ],
  ['a parameter in capitals', { body: 'KEY=a' }, 'unknown-parameter'],
  ['a parameter without a name', { body: 'key=a&=1' }, 'unknown-parameter'],
  ['a parameter that begins like another', { body: 'key=a&values=1' }, 'unknown-parameter'],
  ['a lone percent sign', { body: 'key=100%' }, 'invalid-parameter', 'key'],
  ['half a percent-encoding', { body: 'key=a%2' }, 'invalid-parameter', 'key'],
  ['a percent-encoding that is not hex', { body: 'key=%zz' }, 'invalid-parameter', 'key'],
  ['a percent-encoding with a sign', { body: 'key=%+1' }, 'invalid-parameter', 'key'],
  ['a bad percent-encoding in the value', { body: 'key=a&value=%' }, 'invalid-parameter', 'value'],
  ['a bad percent-encoding in a query', { query: 'key=%4' }, 'invalid-parameter', 'key'],
  ['a bad percent-encoding in a name', { body: 'key=a&%zz=1' }, 'malformed-body'],
  ['encoded bytes that are not UTF-8', { body: 'key=%ff' }, 'invalid-parameter', 'key'],
  ['an encoded character that is cut short', { body: 'key=%e2%82' }, 'invalid-parameter', 'key'],
  ['an overlong encoding', { body: 'key=%c0%af' }, 'invalid-parameter', 'key'],
  ['an encoded surrogate', { body: 'key=%ed%a0%80' }, 'invalid-parameter', 'key'],
  ['encoded bytes in a query that are not UTF-8', { query: 'key=%ff' }, 'invalid-parameter', 'key'],
  ['raw bytes that are not UTF-8', { body: 'key=\xff' }, 'invalid-parameter', 'key'],
  ['a raw character that is cut short', { body: 'key=\xe2\x82&value=1' }, 'invalid-parameter', 'key'],
  ['JSON that is not UTF-8', { type: JSON_TYPE, body: '{"key":"\xff"}' }, 'malformed-body'],
  ['JSON that is cut short', { type: JSON_TYPE, body: '{"key":"a"' }, 'malformed-body'],
  ['JSON with more behind it', { type: JSON_TYPE, body: '{"key":"a"} {}' }, 'malformed-body'],
  ['a form that is called JSON', { type: JSON_TYPE, body: 'key=a' }, 'malformed-body'],
  ['an array', { type: JSON_TYPE, body: '[{"key":"a"}]' }, 'malformed-body'],
  ['a string', { type: JSON_TYPE, body: '"key"' }, 'malformed-body'],
  ['a number', { type: JSON_TYPE, body: '1' }, 'malformed-body'],
  ['null', { type: JSON_TYPE, body: 'null' }, 'malformed-body'],
  ['blanks', { type: JSON_TYPE, body: '  ' }, 'malformed-body'],
  ['a trailing comma', { type: JSON_TYPE, body: '{"key":"a",}' }, 'malformed-body'],
  ['a byte order mark', { type: JSON_TYPE, body: utf8('\ufeff{"key":"a"}') }, 'malformed-body'],
  ['JSON that is nested too deeply', { type: JSON_TYPE, body: '['.repeat(60_000) }, 'malformed-body'],
  ['null as the key', { type: JSON_TYPE, body: '{"key":null}' }, 'invalid-parameter', 'key'],
  ['an array as the key', { type: JSON_TYPE, body: '{"key":["a"]}' }, 'invalid-parameter', 'key'],
  ['an object as the key', { type: JSON_TYPE, body: '{"key":{"key":"a"}}' }, 'invalid-parameter', 'key'],
  [
    'an object as the key that can not be told as a text',
    { type: JSON_TYPE, body: '{"key":{"toString":1}}' },
    'invalid-parameter',
    'key',
  ],
  ['null as the value', { type: JSON_TYPE, body: '{"key":"a","value":null}' }, 'invalid-parameter', 'value'],
  ['true as the value', { type: JSON_TYPE, body: '{"key":"a","value":true}' }, 'invalid-parameter', 'value'],
  ['an array as the value', { type: JSON_TYPE, body: '{"key":"a","value":[1]}' }, 'invalid-parameter', 'value'],
];

/** What is taken; each counts the key `taken` by one. */
const TAKEN: readonly (readonly [what: string, sent: Sent])[] = [
  ['a form', { type: FORM, body: 'key=taken&value=1' }],
  ['a form, the value first', { type: FORM, body: 'value=1&key=taken' }],
  ['a form with encoded names', { type: FORM, body: '%6B%65%79=t%61ken&v%61lue=%31' }],
  ['a form with ampersands to spare', { type: FORM, body: '&key=taken&&value=1&' }],
  ['a form with a character set', { type: `${FORM}; charset=UTF-8`, body: 'key=taken' }],
  ['a form whose type is oddly written', { type: 'Application/X-WWW-Form-URLencoded ;charset="utf-8"', body: 'key=taken' }],
  ['a body without a type', { body: 'key=taken' }],
  ['JSON', { type: JSON_TYPE, body: '{"key":"taken","value":1}' }],
  ['JSON with blanks', { type: JSON_TYPE, body: ' \r\n\t{ "value" : "1" , "key" : "taken" } \n' }],
  ['JSON with a character set', { type: 'application/json;charset=utf-8', body: '{"key":"taken"}' }],
  ['JSON whose type is oddly written', { type: 'APPLICATION/Json ; x=y', body: '{"key":"taken"}' }],
  ['a query', { query: 'key=taken&value=1' }],
  ['a key in the query and a value in a form', { query: 'key=taken', type: FORM, body: 'value=1' }],
  ['a key in JSON and a value in the query', { query: 'value=1', type: JSON_TYPE, body: '{"key":"taken"}' }],
  ['a type without a body', { query: 'key=taken', type: JSON_TYPE, body: '' }],
];

contract((t, service) => {
  t.test('a key and a value are taken in each of these ways', async (t) => {
    const wire = await service.connect(t);
    let count = 0;
    for (const [what, sent] of TAKEN) {
      t.comment(what);
      expectCounted(t, await wire.exchange(request(sent)), 'taken', `${++count}`);
    }
  });

  for (const [what, sent, code, field] of REFUSED) {
    t.test(`${what} is refused as ${code}`, async (t) => {
      const wire = await service.connect(t);
      // Named, or a problem would be another each time.
      const read = encode({ target: '/numbers/a', headers: { 'X-Request-Id': 'read' } });
      const before = await wire.exchange(read);
      expectProblem(t, await wire.exchange(request(sent)), 400, code, field);
      const after = await wire.exchange(read);
      t.equal(after.body, before.body, 'nothing was counted');
    });
  }

  t.test('a body of another type is refused', async (t) => {
    const wire = await service.connect(t);
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/json-patch+json',
      'nonsense',
    ]) {
      expectProblem(t, await wire.exchange(request({ type, body: 'key=a' })), 415, 'unsupported-media-type');
    }
  });

  t.test('plus signs and encoded spaces are the same in a form, and a plus sign is itself in JSON', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(post('key=two+words')), 'two words', '1');
    expectCounted(t, await wire.exchange(post('key=two%20words')), 'two words', '2');
    expectCounted(t, await wire.exchange(request({ query: 'key=two+words' })), 'two words', '3');
    expectCounted(t, await wire.exchange(request({ type: JSON_TYPE, body: '{"key":"two+words"}' })), 'two+words', '1');
    expectCounted(t, await wire.exchange(post('key=two%2Bwords')), 'two+words', '2');
  });
});

function request({ query, type, body }: Sent): string {
  return encode({
    method: 'POST',
    target: query === undefined ? '/increment' : `/increment?${query}`,
    headers: type === undefined ? {} : { 'Content-Type': type },
    ...(body === undefined ? {} : { body }),
  });
}
