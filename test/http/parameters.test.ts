import fc from 'fast-check';
import t from 'tap';
import { decodePercent, type Parameters, readParameters, readRepeated } from '../../dist/http/parameters.js';
import { Problem } from '../../dist/http/problem.js';
import { bytes, FORM, JSON_TYPE, latin1, request, type Sent } from './request.js';

const NAMES = ['key', 'value'];

/** Text that UTF-8 can encode. */
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('\ufeffkey', ' + ', '%2B', '\ufffd'));

const anyBytes = fc.uint8Array({ maxLength: 200 });
const anyLatin1 = anyBytes.map((array) => Buffer.from(array).toString('latin1'));

/** Pieces of which forms are made, good ones and bad ones. */
const piece = fc.oneof(
  fc.constantFrom(
    'key',
    'value',
    '=',
    '&',
    '+',
    '%',
    '%2',
    '%41',
    '%6b',
    '%c3%a9',
    '%ff',
    '%E2%82',
    ' ',
    '1',
    'é',
    '__proto__',
    '"',
    '\u0000',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
/** Good forms more often than chance would have it. */
const form = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.tuple(piece, piece, piece).map(([key, value, end]) => `key=${key}${end}&value=${value}`),
);

const ASCII_PIECE = fc.constantFrom(
  '%',
  '%4',
  '%41',
  '%c3%a9',
  '%C3',
  '%ff',
  '%e2%82%ac',
  '%ed%a0%80',
  'a',
  '+',
  '%25',
  '%zz',
  '%00',
  ' ',
);

t.test('any bytes whatever are parameters or a problem', async () => {
  fc.assert(
    fc.property(anyLatin1, anyBytes, fc.oneof(fc.constantFrom('', FORM, JSON_TYPE), fc.string()), (query, body, type) =>
      isOutcome(read({ query, body, type })),
    ),
    { numRuns: 2_000 },
  );
});

t.test('anything that looks like a form is parameters or a problem', async () => {
  fc.assert(
    fc.property(form, form, (query, body) => isOutcome(read({ query: latin1(query), body: bytes(body), type: FORM }))),
    { numRuns: 2_000 },
  );
});

/** Names that an object has from elsewhere, as names of members: what asks the object for them finds the member. */
const inherited = fc.constantFrom('toString', 'valueOf', 'toJSON', 'constructor', '__proto__', 'length', 'then', 'digits');
const members = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), inherited), fc.oneof(inherited, fc.jsonValue()));

t.test('any JSON value is parameters or a problem', async () => {
  const json = fc.oneof(
    fc.json(),
    fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), inherited), members).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(json, (json) => isOutcome(read({ body: bytes(json), type: JSON_TYPE }))),
    { numRuns: 2_000 },
  );
});

t.test('JSON that is broken anywhere is a problem', async () => {
  const object = fc.record({ key: text, value: fc.integer() }).map((record) => JSON.stringify(record));
  fc.assert(
    fc.property(object, fc.nat(), (json, cut) => {
      const part = json.slice(0, cut % json.length);
      return part === '' || hasCode(read({ body: bytes(part), type: JSON_TYPE }), 'malformed-body');
    }),
  );
});

for (const [encoding, encode] of [
  ['encodeURIComponent', (name: string, value: string) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  ['URLSearchParams', (name: string, value: string) => new URLSearchParams([[name, value]]).toString()],
  ['percent signs throughout', (name: string, value: string) => `${percent(name)}=${percent(value)}`],
] as const) {
  t.test(`what ${encoding} encodes is read back, from a form and from a query`, async () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (key, value, keyFirst) => {
        const pairs = [encode('key', key), encode('value', value)];
        const encoded = (keyFirst ? pairs : pairs.reverse()).join('&');
        return (
          same(read({ body: bytes(encoded), type: FORM }), [key, value]) &&
          same(read({ body: bytes(encoded) }), [key, value]) &&
          same(read({ query: encoded }), [key, value])
        );
      }),
    );
  });
}

t.test('what JSON.stringify encodes is read back', async () => {
  fc.assert(
    fc.property(text, text, fc.boolean(), (key, value, keyFirst) => {
      const json = JSON.stringify(keyFirst ? { key, value } : { value, key }, null, keyFirst ? 0 : 2);
      return same(read({ body: bytes(json), type: JSON_TYPE }), [key, value]);
    }),
  );
});

t.test('a JSON number is read as it was written', async () => {
  const digits = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('1.0', '1e3', '-0', '1E+2', '0.10', '9007199254740993'),
  );
  fc.assert(
    fc.property(digits, (number) => same(read({ body: bytes(`{"value": ${number} }`), type: JSON_TYPE }), [undefined, number])),
  );
});

t.test('a parameter in the query and another one in the body come together', async () => {
  fc.assert(
    fc.property(text, text, (key, value) => {
      const query = `key=${encodeURIComponent(key)}`;
      return (
        same(read({ query, body: bytes(`value=${encodeURIComponent(value)}`) }), [key, value]) &&
        same(read({ query, body: bytes(JSON.stringify({ value })), type: JSON_TYPE }), [key, value])
      );
    }),
  );
});

t.test('a form that is read has the values that URLSearchParams finds', async (t) => {
  let readable = 0;
  fc.assert(
    fc.property(form, (source) => {
      const outcome = read({ body: bytes(source), type: FORM });
      if (outcome instanceof Problem) return true;
      readable++;
      // The class drops a question mark at the start and a byte order mark nowhere.
      const expected = new URLSearchParams(`&${source}`);
      return same(outcome, [expected.get('key') ?? undefined, expected.get('value') ?? undefined]);
    }),
    { numRuns: 5_000 },
  );
  t.ok(readable > 100, `${readable} forms could be read`);
});

t.test('a form is refused only for what URLSearchParams finds in it, or for its encoding', async () => {
  fc.assert(
    fc.property(form, (source) => {
      const outcome = read({ body: bytes(source), type: FORM });
      if (!(outcome instanceof Problem)) return true;
      const found = [...new URLSearchParams(`&${source}`).keys()];
      if (outcome.code === 'unknown-parameter') return found.some((name) => !NAMES.includes(name));
      if (outcome.code === 'duplicate-parameter') return found.length > new Set(found).size;
      return /%(?![0-9a-f]{2})|%[89a-f]/i.test(source);
    }),
    { numRuns: 5_000 },
  );
});

t.test('a percent-encoded text is decoded as decodeURIComponent does it, or refused as that refuses it', async () => {
  fc.assert(
    fc.property(
      fc.array(ASCII_PIECE, { maxLength: 8 }),
      (pieces) => decodePercent(pieces.join('')) === decodedByTheLanguage(pieces.join('')),
    ),
    { numRuns: 3_000 },
  );
});

t.test('bytes are decoded exactly if they are UTF-8', async () => {
  fc.assert(
    fc.property(anyBytes, (array) => {
      const raw = Buffer.from(array).toString('latin1').replaceAll('%', '');
      const isUtf8 = Buffer.from(Buffer.from(raw, 'latin1').toString()).toString('latin1') === raw;
      const decoded = decodePercent(raw);
      return isUtf8 ? decoded !== undefined && latin1(decoded) === raw : decoded === undefined;
    }),
    { numRuns: 2_000 },
  );
});

t.test('the values of a repeated parameter come in the order in which they were sent, whatever stands between them', async () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), fc.nat(20), text, fc.nat(20), (values, at, limit, cut) => {
      const pairs = values.map((value) => `key=${encodeURIComponent(value)}`);
      pairs.splice(at, 0, `limit=${encodeURIComponent(limit)}`);
      const [query, form] = [pairs.slice(0, cut).join('&'), pairs.slice(cut).join('&')];
      return [{ query: pairs.join('&') }, { body: bytes(pairs.join('&')) }, { query, body: bytes(form) }].every((sent) => {
        const outcome = readRepeated(request(sent), 'key', ['limit']);
        return !(outcome instanceof Problem) && same([...outcome.values], values) && same(outcome.others, [limit]);
      });
    }),
  );
});

t.test('only the one parameter may be repeated', async (t) => {
  const repeated = (query: string) => {
    const outcome = readRepeated(request({ query }), 'key', ['limit']);
    return outcome instanceof Problem ? [outcome.code, outcome.field] : [outcome.values, outcome.others];
  };
  t.strictSame(repeated('key=a&key=b&limit=1'), [['a', 'b'], ['1']]);
  t.strictSame(repeated(''), [[], [undefined]]);
  t.strictSame(repeated('limit=1&key=a&limit=1'), ['duplicate-parameter', 'limit']);
  t.strictSame(repeated('key=a&keys=b'), ['unknown-parameter', undefined]);
  t.strictSame(repeated('key=a&key=%zz&key=b'), ['invalid-parameter', 'key']);
  t.strictSame(readRepeated(request({ query: 'key=a' }), 'key'), { values: ['a'], others: [] });
});

t.test('a parameter may be repeated a thousand times, and not more', async (t) => {
  const outcome = (times: number) => readRepeated(request({ query: 'key=a&'.repeat(times) }), 'key');
  t.match(outcome(1_000), { values: Array(1_000).fill('a') });
  t.match(outcome(1_001), { code: 'too-many-parameters', status: 400, field: 'key' });
});

t.test('in JSON a parameter that may be repeated is there once', async (t) => {
  const outcome = (json: string) => readRepeated(request({ body: bytes(json), type: JSON_TYPE }), 'key');
  t.match(outcome('{"key":"a"}'), { values: ['a'] });
  t.match(outcome('{"key":["a"]}'), { code: 'invalid-parameter', field: 'key' });
  t.match(outcome('{"key":"a","key":"b"}'), { code: 'duplicate-parameter', field: 'key' });
});

function read(sent: Sent): Parameters | Problem {
  return readParameters(request(sent), NAMES);
}

function isOutcome(outcome: Parameters | Problem): boolean {
  if (outcome instanceof Problem) return outcome.status === 400 || outcome.status === 415;
  return outcome.length === NAMES.length && outcome.every((value) => value === undefined || typeof value === 'string');
}

function hasCode(outcome: Parameters | Problem, code: string): boolean {
  return outcome instanceof Problem && outcome.code === code;
}

function same(outcome: Parameters | Problem, expected: Parameters): boolean {
  return (
    !(outcome instanceof Problem) && expected.length === outcome.length && expected.every((value, i) => value === outcome[i])
  );
}

function percent(value: string): string {
  return [...bytes(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function decodedByTheLanguage(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
