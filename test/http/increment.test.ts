import fc from 'fast-check';
import t from 'tap';
import { Problem } from '../../dist/http/problem.js';
import { readIncrement, readPathText } from '../../dist/services/counters/parameters.js';
import { keys } from '../services/counters/no-keys.js';
import { bytes, FORM, JSON_TYPE, request, type Sent } from './request.js';

const MAX = 2n ** 63n - 1n;

const goodKey = fc
  .oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), fc.string({ minLength: 1, maxLength: 512 }))
  .filter((key) => key.isWellFormed() && !/\p{Cc}/u.test(key) && Buffer.byteLength(key) <= 512);

const int64 = fc.oneof(
  fc.bigInt({ min: -MAX - 1n, max: MAX }),
  fc.integer().map(BigInt),
  fc.constantFrom(0n, MAX, -MAX - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n),
);

/** Pieces of forms that the short way through the parser may or may not take. */
const piece = fc.oneof(
  fc.constantFrom(
    'key=',
    '&durability=disk',
    '&durability=',
    '&value=',
    'value=',
    '&key=',
    'key',
    '&',
    '=',
    '-',
    '0',
    '7',
    '42',
    '999999999999999',
    '9007199254740993',
    '%41',
    '+',
    '%',
    '"',
    '\\',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const form = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 4 }).map((pieces) => `key=${pieces.join('')}`),
  fc.tuple(piece, piece).map(([key, value]) => `key=${key}&value=${value}`),
);

t.test('any bytes whatever are an increment that can be made, or a problem', async () => {
  const body = fc.oneof(fc.uint8Array({ maxLength: 600 }), form.map(bytes), fc.json().map(bytes));
  fc.assert(
    fc.property(body, fc.constantFrom('', FORM, JSON_TYPE, 'text/plain'), (body, type) => {
      const outcome = read({ body, type });
      if (outcome instanceof Problem) return outcome.status === 400 || outcome.status === 415;
      const { key, by } = outcome;
      const total = BigInt(by);
      return (
        Buffer.byteLength(key) > 0 &&
        Buffer.byteLength(key) <= 512 &&
        key.isWellFormed() &&
        !/\p{Cc}/u.test(key) &&
        total <= MAX &&
        total >= -MAX - 1n &&
        (typeof by === 'number') === Number.isSafeInteger(Number(total))
      );
    }),
    { numRuns: 3_000 },
  );
});

for (const [carrier, sent] of Object.entries<(key: string, value: string) => Sent>({
  'a form by encodeURIComponent': (key, value) => ({ body: bytes(`key=${encodeURIComponent(key)}&value=${value}`), type: FORM }),
  'a form by URLSearchParams': (key, value) => ({ body: bytes(new URLSearchParams({ value, key }).toString()) }),
  'a query': (key, value) => ({ query: `value=${value}&key=${encodeURIComponent(key)}` }),
  'JSON with a string': (key, value) => ({ body: bytes(JSON.stringify({ key, value })), type: JSON_TYPE }),
  'JSON with a number': (key, value) => ({ body: bytes(`{"key":${JSON.stringify(key)},"value":${value}}`), type: JSON_TYPE }),
})) {
  t.test(`any key and any 64-bit value in ${carrier} are read as they are`, async () => {
    fc.assert(
      fc.property(goodKey, int64, (key, value) => {
        const outcome = read(sent(key, String(value)));
        return !(outcome instanceof Problem) && outcome.key === key && BigInt(outcome.by) === value;
      }),
      { numRuns: 500 },
    );
  });

  t.test(`a value of more than 64 bits in ${carrier} is refused`, async () => {
    fc.assert(
      fc.property(fc.bigInt({ min: MAX + 1n, max: 2n ** 300n }), fc.boolean(), (value, negative) => {
        const outcome = read(sent('key', String(negative ? -value - 1n : value)));
        return outcome instanceof Problem && outcome.code === 'invalid-parameter' && outcome.field === 'value';
      }),
    );
  });
}

t.test('how a form says that it is one makes no difference', async () => {
  fc.assert(
    fc.property(form, (source) => {
      const body = bytes(source);
      const [first, ...others] = ['', FORM, `${FORM};charset=utf-8`].map((type) => told(read({ body, type })));
      return others.every((other) => other === first);
    }),
    { numRuns: 10_000 },
  );
});

t.test('the bytes of a body may lie anywhere in a larger buffer', async () => {
  fc.assert(
    fc.property(form, fc.nat({ max: 9 }), fc.nat({ max: 9 }), (source, before, after) => {
      const body = bytes(source);
      const larger = new Uint8Array(before + body.length + after).fill(0x31);
      larger.set(body, before);
      return told(read({ body: larger.subarray(before, before + body.length) })) === told(read({ body }));
    }),
  );
});

t.test('the key of a path is read back from encodeURIComponent', async () => {
  fc.assert(fc.property(goodKey, (key) => readPathText(encodeURIComponent(key), 'key') === key));
});

t.test('any bytes in a path are a key or a problem', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (array) => {
      const outcome = readPathText(Buffer.from(array).toString('latin1'), 'key');
      return outcome instanceof Problem ? outcome.status === 400 && outcome.field === 'key' : outcome !== '';
    }),
    { numRuns: 1_000 },
  );
});

function read(sent: Sent) {
  return readIncrement(request(sent), keys, 'memory');
}

function told(outcome: ReturnType<typeof read>): string {
  return outcome instanceof Problem
    ? JSON.stringify(outcome)
    : `${JSON.stringify(outcome.key)} by ${outcome.by}, ${outcome.durability}`;
}
