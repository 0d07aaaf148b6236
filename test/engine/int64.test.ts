import fc from 'fast-check';
import { test } from 'tap';
import { add, fromBigInt, INT64_MAX, INT64_MIN, type Int64, parse, toJson } from '../../dist/engine/int64.js';
import { holds } from '../property.js';

const SAFE = 2n ** 53n - 1n;
const EDGES = [0n, SAFE, -SAFE, SAFE + 1n, -SAFE - 1n, 2n ** 51n, -(2n ** 51n), INT64_MAX, INT64_MIN];

/** Integers of the whole range, most of them near the places where something changes. */
const anyInteger = fc.oneof(
  fc.bigInt(INT64_MIN, INT64_MAX),
  fc
    .tuple(fc.constantFrom(...EDGES), fc.bigInt(-3n, 3n))
    .map(([edge, step]) => edge + step)
    .filter((value) => value >= INT64_MIN && value <= INT64_MAX),
);

/** The one form that a value must have. */
function canonical(value: bigint): Int64 {
  return value >= -SAFE && value <= SAFE ? Number(value) : value;
}

test('a sum is exact over the whole 64-bit range, or refused outside', async (t) => {
  holds(
    t,
    fc.property(anyInteger, anyInteger, (a, b) => {
      const sum = a + b;
      const expected = sum > INT64_MAX || sum < INT64_MIN ? undefined : canonical(sum);
      return add(canonical(a), canonical(b)) === expected;
    }),
    5_000,
  );
  t.equal(add(Number(SAFE), 1), 2n ** 53n);
  t.equal(add(2n ** 53n, -1), Number(SAFE));
  t.equal(add(-Number(SAFE), -1), -(2n ** 53n));
  t.equal(add(INT64_MAX, 1), undefined);
  t.equal(add(INT64_MAX, 0), INT64_MAX);
  t.equal(add(INT64_MIN, -1), undefined);
  t.equal(add(INT64_MAX, INT64_MIN), -1);
});

test('two equal values are one value, whichever way they came about', async (t) => {
  holds(
    t,
    fc.property(anyInteger, (value) => {
      const form = canonical(value);
      return fromBigInt(value) === form && parse(`${value}`) === form && add(form, 0) === form;
    }),
    5_000,
  );
  t.equal(fromBigInt(INT64_MAX + 1n), undefined);
  t.equal(fromBigInt(INT64_MIN - 1n), undefined);
});

test('a decimal is read whatever its length', async (t) => {
  t.equal(parse('0'), 0);
  t.equal(parse('-1'), -1);
  t.equal(parse('007'), 7);
  t.equal(parse('999999999999999'), 999999999999999);
  t.equal(parse('9007199254740991'), 9007199254740991);
  t.equal(parse('9007199254740992'), 9007199254740992n);
  t.equal(parse('-9007199254740992'), -9007199254740992n);
  t.equal(parse('9223372036854775807'), INT64_MAX);
  t.equal(parse('-9223372036854775808'), INT64_MIN);
  t.equal(parse(`${'0'.repeat(30)}42`), 42);
});

test('minus zero is zero', async (t) => {
  t.ok(Object.is(parse('-0'), 0));
  t.ok(Object.is(parse(`-${'0'.repeat(20)}`), 0));
  t.ok(Object.is(add(5, -5), 0));
});

test('a decimal outside the 64-bit range is out of range, not malformed', async (t) => {
  for (const text of [
    '9223372036854775808',
    '-9223372036854775809',
    '9'.repeat(64),
    '1'.repeat(10_000),
    `-${'1'.repeat(10_000)}`,
  ]) {
    t.equal(parse(text), 'range', text.slice(0, 30));
  }
});

test('anything but a minus sign and digits is malformed', async (t) => {
  const texts = [
    '',
    '-',
    '+1',
    ' 1',
    '1 ',
    '1.0',
    '1.',
    '.5',
    '1e3',
    '0x10',
    '1_000',
    '--1',
    '1-',
    'NaN',
    'Infinity',
    '١',
    '1n',
    '1\n',
  ];
  for (const text of texts) t.equal(parse(text), 'malformed', JSON.stringify(text));
  // The same faults in texts that are too long for the fast path.
  for (const text of texts.filter((text) => text !== '' && text !== '-')) {
    const long = `${text}${'1'.repeat(20)}x`;
    t.equal(parse(long), 'malformed', JSON.stringify(long));
  }
});

test('any text is read as what BigInt makes of it, or is malformed', async (t) => {
  holds(
    t,
    fc.property(fc.string({ unit: fc.constantFrom('-', '0', '1', '9', '.', ' ', 'e', '/', ':'), maxLength: 24 }), (text) => {
      const value = parse(text);
      if (!/^-?[0-9]+$/.test(text)) return value === 'malformed';
      return value === (fromBigInt(BigInt(text)) ?? 'range');
    }),
    5_000,
  );
});

test('in JSON a value that a double can not hold is a string', async (t) => {
  t.equal(toJson(0), '0');
  t.equal(toJson(-17), '-17');
  t.equal(toJson(9007199254740991), '9007199254740991');
  t.equal(toJson(9007199254740992n), '"9007199254740992"');
  t.equal(toJson(INT64_MIN), '"-9223372036854775808"');
});
