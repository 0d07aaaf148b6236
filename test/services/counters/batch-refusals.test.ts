import t from 'tap';
import { Problem } from '../../../dist/http/problem.js';
import { batchReaderFor } from '../../../dist/services/counters/batch.js';
import { bytes, FORM, JSON_TYPE } from '../../http/request.js';
import { NDJSON, read } from './batch-body.js';
import { keys } from './no-keys.js';

const ITEM_BYTES_MAX = 64 * 1024;

/** A cut behind every byte. */
const EVERYWHERE = Array.from({ length: 200 }, (_, i) => i);

for (const [type, text, code, index, detail] of [
  [NDJSON, '{"key":"a"}\n{"value":1}\n', 'missing-parameter', 1, 'item 1: key is missing'],
  [NDJSON, '\n{"key":"a"}\r\n \n\n{"value":1}', 'missing-parameter', 1, 'item 1: key is missing'],
  [NDJSON, '{"key":"a"}\n{"key":"b"', 'malformed-body', 1, /^item 1: it is not JSON: .* end of object/],
  [NDJSON, '{"key":"a"}{"key":"b"}\n', 'malformed-body', 0, /^item 0: it is not JSON: Expected end of input/],
  [NDJSON, '{"key":"a","value":1]\n', 'malformed-body', 0, /^item 0: it is not JSON: /],
  [NDJSON, '{"key":"a"]\n', 'malformed-body', 0, /^item 0: it is not JSON: /],
  [NDJSON, '{"key":"a"}\u0000\n', 'malformed-body', 0, /^item 0: it is not JSON: /],
  [NDJSON, '["a"]\n', 'malformed-body', 0, 'item 0: it is not a JSON object'],
  [NDJSON, '{"key":"a"},\n{"key":"b"}', 'malformed-body', 0, /^item 0: it is not JSON: /],
  [NDJSON, '{"key":"a"}\n{"key":"\xff"}', 'malformed-body', 1, 'item 1: it is not UTF-8'],
  [NDJSON, '{"key":"a","b":1}', 'unknown-parameter', 0, 'item 0: b is none of the parameters, which are key, value'],
  [NDJSON, '{"key":"a","b":{"toString":null}}', 'unknown-parameter', 0, /^item 0: b is none of the parameters/],
  [JSON_TYPE, '[{"key":{"toString":null}}]', 'invalid-parameter', 0, /^item 0: key must be a string/],
  [NDJSON, '{"key":"a","key":"a"}', 'duplicate-parameter', 0, 'item 0: key is there more than once'],
  [NDJSON, '{"key":"a","value":1.0}', 'invalid-parameter', 0, 'item 0: value must be a whole number in decimal digits'],
  [JSON_TYPE, '[{"key":"a"},{"value":1}]', 'missing-parameter', 1, 'item 1: key is missing'],
  [JSON_TYPE, '[{"key":"a"},{"key":"b" "value":1}]', 'malformed-body', 1, /^item 1: it is not JSON: /],
  [JSON_TYPE, '[{"key":"a"} {"key":"b"}]', 'malformed-body', 0, /^item 0: it is not JSON: /],
  [JSON_TYPE, '[{"key":"a"},]', 'malformed-body', 1, /^item 1: it is not JSON: JSON value expected/],
  [JSON_TYPE, '[,{"key":"a"}]', 'malformed-body', 0, /^item 0: it is not JSON: JSON value expected/],
  [JSON_TYPE, '[{"key":"a"},[{"key":"b"}]]', 'malformed-body', 1, 'item 1: it is not a JSON object'],
  [JSON_TYPE, '[{"key":"\xc3"}]', 'malformed-body', 0, 'item 0: it is not UTF-8'],
  [JSON_TYPE, '{"key":"a"}', 'malformed-body', undefined, 'the body is not a JSON array'],
  [JSON_TYPE, '\xef\xbb\xbf[]', 'malformed-body', undefined, 'the body is not a JSON array'],
  [JSON_TYPE, '[{"key":"a"}', 'malformed-body', undefined, 'the body is not JSON: it has no end'],
  [JSON_TYPE, '[{"key":"a"},{"ke', 'malformed-body', undefined, 'the body is not JSON: it has no end'],
  [JSON_TYPE, '', 'malformed-body', undefined, 'the body is not JSON: it has no end'],
  [JSON_TYPE, '[{"key":"a"}],', 'malformed-body', undefined, 'the body is not JSON: something follows its array'],
  [FORM, 'value=1', 'missing-parameter', 0, 'item 0: key is missing'],
  [FORM, 'value=1&key=a', 'missing-parameter', 0, 'item 0: key is missing'],
  [FORM, 'key=a&key=', 'invalid-parameter', 1, 'item 1: key is empty'],
  [FORM, 'key=a&key=b&value=x', 'invalid-parameter', 1, 'item 1: value must be a whole number in decimal digits'],
  [FORM, 'key=a&value=1&value=2', 'duplicate-parameter', 0, 'item 0: value is there more than once'],
  [FORM, 'key=a&key=%ff', 'invalid-parameter', 1, 'item 1: key is not percent-encoded UTF-8'],
  [FORM, 'key=a&%ff=1', 'malformed-body', 0, 'item 0: the name of a parameter is not percent-encoded UTF-8'],
  [FORM, 'key=a&durability=disk', 'unknown-parameter', 0, 'item 0: durability is none of the parameters, which are key, value'],
] as const) {
  t.test(`${JSON.stringify(text)} is refused, in one piece and in many`, async (t) => {
    for (const cuts of [[], EVERYWHERE, ...EVERYWHERE.slice(0, text.length).map((cut) => [cut])]) {
      const problem = JSON.parse(JSON.stringify(read(type, Buffer.from(text, 'latin1'), cuts)));
      t.match(problem, { code, detail }, `cut at ${cuts}`);
      t.equal(problem.index, index);
    }
  });
}

for (const [type, begin, end] of [
  [NDJSON, '{"key":"a"}\n{"key":"b"', '}\n'],
  [NDJSON, '{"key":"a"}\n{"key":"b"}', ''],
  [NDJSON, '{"key":"a"}\n{"key":"b"}', '\n'],
  [JSON_TYPE, '[{"key":"a"},{"key":"b"', '}]'],
  [JSON_TYPE, '[{"key":"a"}, {"key":"b"}', ']'],
] as const) {
  t.test(`an item in ${JSON.stringify(`${begin}…${end}`)} may have ${ITEM_BYTES_MAX} bytes`, async (t) => {
    const blanks = ' '.repeat(ITEM_BYTES_MAX - '{"key":"b"}'.length);
    for (const cuts of [[], [24, 30_000], EVERYWHERE]) {
      t.same(read(type, bytes(begin + blanks + end), cuts), { keys: ['a', 'b'], bys: [1, 1] });
      for (const body of [`${begin} ${blanks}${end}`, `${begin} ${blanks}}`]) {
        const problem = JSON.parse(JSON.stringify(read(type, bytes(body), cuts)));
        t.match(problem, { code: 'body-too-large', index: 1, detail: `item 1: it is longer than ${ITEM_BYTES_MAX} bytes` });
      }
    }
  });
}

t.test(`a pair of a form may have ${ITEM_BYTES_MAX} bytes, and belongs to its item`, async (t) => {
  const value = 'key=a&key=b&value=';
  const key = 'key=a&key=b&key=';
  for (const cuts of [[], [14, 30_000], EVERYWHERE]) {
    const fits = read(FORM, bytes(`${value}${'0'.repeat(ITEM_BYTES_MAX - 'value='.length)}`), cuts);
    t.match(JSON.parse(JSON.stringify(fits)), { code: 'invalid-parameter', field: 'value', index: 1 });
    const long = read(FORM, bytes(`${value}${'0'.repeat(ITEM_BYTES_MAX)}`), cuts);
    t.match(JSON.parse(JSON.stringify(long)), { code: 'body-too-large', index: 1 });
    const longKey = read(FORM, bytes(`${key}${'0'.repeat(ITEM_BYTES_MAX)}&value=1`), cuts);
    t.match(JSON.parse(JSON.stringify(longKey)), { code: 'body-too-large', index: 2 });
  }
});

t.test('an item without an end is refused as soon as it is too long', async (t) => {
  for (const type of [NDJSON, JSON_TYPE, FORM]) {
    const reader = batchReaderFor(type, keys);
    if (reader instanceof Problem) throw new Error(reader.detail);
    t.equal(reader.push(bytes(type === JSON_TYPE ? '[' : '')), undefined);
    t.equal(reader.push(bytes('x'.repeat(ITEM_BYTES_MAX))), undefined);
    t.equal(reader.push(bytes('x'))?.code, 'body-too-large');
  }
});

t.test('an item that is nested too deeply is refused', async (t) => {
  for (const [type, body] of [
    [NDJSON, '['.repeat(60_000)],
    [JSON_TYPE, `[${'['.repeat(30_000)}${']'.repeat(30_001)}`],
  ] as const) {
    const outcome = read(type, bytes(body));
    t.match(JSON.parse(JSON.stringify(outcome)), {
      code: 'malformed-body',
      index: 0,
      detail: 'item 0: it is not JSON: it is nested too deeply',
    });
  }
});

t.test('a body without items is a batch without items', async (t) => {
  for (const [type, bodies] of [
    [NDJSON, ['', '\n', ' \t\r\n\r\n ']],
    [JSON_TYPE, ['[]', ' [\r\n\t] \n']],
    [FORM, ['', '&', '&&&']],
  ] as const) {
    for (const body of bodies) {
      for (const cuts of [[], EVERYWHERE]) t.same(read(type, bytes(body), cuts), { keys: [], bys: [] }, JSON.stringify(body));
    }
  }
});

t.test('a content type is taken as POST /increment takes it, and any other is refused', async (t) => {
  t.same(read('', bytes('key=a&value=2')), { keys: ['a'], bys: [2] });
  t.same(read(`${FORM}; charset=utf-8`, bytes('key=a')), { keys: ['a'], bys: [1] });
  t.same(read('Application/JSON ; charset=utf-8', bytes('[{"key":"a"}]')), { keys: ['a'], bys: [1] });
  t.same(read('application/X-NDJSON', bytes('{"key":"a"}')), { keys: ['a'], bys: [1] });
  for (const type of ['text/plain', 'application/ndjson', 'x']) {
    const outcome = read(type, bytes('key=a'));
    t.ok(outcome instanceof Problem && outcome.code === 'unsupported-media-type');
    t.match(JSON.parse(JSON.stringify(outcome)), { status: 415, detail: new RegExp(`^send .*, not ${type}$`) });
  }
});
