import fc from 'fast-check';
import { Problem } from '../../../dist/http/problem.js';
import type { Batch } from '../../../dist/services/counters/batch.js';
import { batchReaderFor } from '../../../dist/services/counters/batch.js';
import { keys } from './no-keys.js';

export const NDJSON = 'application/x-ndjson';

const MAX = 2n ** 63n - 1n;

/** Reads a body that comes in pieces, cut at these offsets, in any order, within it or not. */
export function read(type: string, body: Uint8Array, cuts: readonly number[] = []): Batch | Problem {
  const reader = batchReaderFor(type, keys);
  if (reader instanceof Problem) return reader;
  const offsets = [0, ...cuts.filter((cut) => cut < body.length).sort((a, b) => a - b), body.length];
  for (let i = 1; i < offsets.length; i++) {
    // It lies in a larger buffer, as a piece may, and is gone as soon as it was read.
    const buffer = Buffer.from(`123${Buffer.from(body.subarray(offsets[i - 1], offsets[i])).toString('latin1')}456`, 'latin1');
    const problem = reader.push(new Uint8Array(buffer.buffer, buffer.byteOffset + 3, buffer.length - 6));
    if (problem !== undefined) return problem;
    buffer.fill(0x31);
  }
  return reader.end();
}

/** An outcome as text, to be compared. */
export function told(outcome: Batch | Problem): string {
  if (outcome instanceof Problem) return JSON.stringify(outcome);
  return JSON.stringify([outcome.keys, outcome.bys.map((by) => `${typeof by} ${Object.is(by, -0) ? '-0' : by}`)]);
}

/** The same without the words, which name a place in the text. */
export function toldBriefly(outcome: Batch | Problem): string {
  if (!(outcome instanceof Problem)) return told(outcome);
  const { code, field, index } = JSON.parse(JSON.stringify(outcome));
  return JSON.stringify({ code, field, index });
}

/** One item as it should be read. */
export interface Item {
  readonly key: string;
  /** `undefined` to leave the value out. */
  readonly by: bigint | undefined;
}

/** What is to be read of these items. */
export function expected(items: readonly Item[]): string {
  const bys = items.map(({ by = 1n }) => (by <= Number.MAX_SAFE_INTEGER && by >= Number.MIN_SAFE_INTEGER ? Number(by) : by));
  return told({ keys: items.map(({ key }) => key), bys });
}

const key = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
    { weight: 1, arbitrary: fc.string({ minLength: 500, maxLength: 512 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('__proto__', 'Aa', 'BB', 'key', 'value', ' ', '],[', '\\', '"', '%41', 'a+b', 'a&b=c', '\ufeff'),
    },
  )
  .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= 512);

const by = fc.oneof(
  fc.integer({ min: -9, max: 99 }).map(BigInt),
  fc.bigInt({ min: -MAX - 1n, max: MAX }),
  fc.constantFrom(0n, MAX, -MAX - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 10n ** 15n, 10n ** 15n - 1n),
  fc.constant(undefined),
);

export const item: fc.Arbitrary<Item> = fc.record({ key, by });

/** Many cuts, and few. */
export const cuts = fc.oneof(
  fc.array(fc.nat({ max: 200 }), { maxLength: 4 }),
  fc.array(fc.nat({ max: 5_000 }), { maxLength: 100 }),
  fc.constant(Array.from({ length: 5_000 }, (_, i) => i)),
);

type Style = (item: Item) => string;

/** Ways to write an item in JSON, on one line. The first two are what programs write. */
export const jsonStyles: readonly Style[] = [
  ({ key, by }) => (by === undefined ? `{"key":${quoted(key)}}` : `{"key":${quoted(key)},"value":${by}}`),
  ({ key, by }) => (by === undefined ? `{"key": ${quoted(key)}}` : `{"key": ${quoted(key)}, "value": ${by}}`),
  ({ key, by }) => `{"key":${quoted(key)},"value":"${by ?? 1}"}`,
  ({ key, by }) => `{"value":${by ?? 1},"key":${quoted(key)}}`,
  ({ key, by }) => `{"k\\u0065y":${escaped(key)},"value":"${by ?? '\\u0031'}"}`,
  ({ key, by }) => `{ "key" : ${quoted(key)}\t,  "value"\r:${by ?? '1'} }`,
  ({ key, by }) => `{"key":${quoted(key)},"value":"${padded(by ?? 1n)}"}`,
];

/** Ways to write an item as pairs of a form. */
export const formStyles: readonly Style[] = [
  ({ key, by }) => `key=${encodeURIComponent(key)}${by === undefined ? '' : `&value=${by}`}`,
  ({ key, by }) => new URLSearchParams(by === undefined ? { key } : { key, value: `${by}` }).toString(),
  ({ key, by }) => `key=${key.replace(/[%+&]/g, encodeURIComponent)}&value=${by ?? 1}`,
  ({ key, by }) => `%6bey=${percent(key)}&v%61lue=${percent(`${by ?? 1}`)}`,
  ({ key, by }) => `&key=${encodeURIComponent(key)}&&value=${padded(by ?? 1n)}&`,
];

/** An item that is refused, and what with. */
type Bad = readonly [text: string, code: string, field?: string];

export const BAD_OBJECTS: readonly Bad[] = [
  ['{}', 'missing-parameter', 'key'],
  ['{"value":1}', 'missing-parameter', 'key'],
  ['{"key":""}', 'invalid-parameter', 'key'],
  [`{"key":"${'k'.repeat(513)}","value":1}`, 'invalid-parameter', 'key'],
  ['{"key":"a\\u0000"}', 'invalid-parameter', 'key'],
  ['{"key":"\u007f","value":1}', 'invalid-parameter', 'key'],
  ['{"key":"\\ud83d"}', 'invalid-parameter', 'key'],
  ['{"key":["a"]}', 'invalid-parameter', 'key'],
  ['{"key":"a","value":1.5}', 'invalid-parameter', 'value'],
  ['{"key":"a","value":""}', 'invalid-parameter', 'value'],
  ['{"key":"a","value":null}', 'invalid-parameter', 'value'],
  ['{"key":"a","value":9223372036854775808}', 'invalid-parameter', 'value'],
  ['{"key":"a","value":"-9223372036854775809"}', 'invalid-parameter', 'value'],
  ['{"key":"a","other":1}', 'unknown-parameter'],
  ['{"key":"a","value":1,"value":1}', 'duplicate-parameter', 'value'],
  ['{"key":"a","key":"b"}', 'duplicate-parameter', 'key'],
  ['{"key":"a","value":01}', 'malformed-body'],
  ['{"key":"a","value":}', 'malformed-body'],
  ['{"key":"a"}}', 'malformed-body'],
  ['{"key":"a"} {"key":"b"}', 'malformed-body'],
  ['{"key":"a",}', 'malformed-body'],
  ['{"key":"a\tb"}', 'malformed-body'],
  ["{'key':'a'}", 'malformed-body'],
  ['"a"', 'malformed-body'],
  ['7', 'malformed-body'],
  ['null', 'malformed-body'],
  ['[]', 'malformed-body'],
];

export const BAD_PAIRS: readonly Bad[] = [
  ['key=', 'invalid-parameter', 'key'],
  ['key', 'invalid-parameter', 'key'],
  [`key=${'k'.repeat(513)}`, 'invalid-parameter', 'key'],
  ['key=%ff', 'invalid-parameter', 'key'],
  ['key=%', 'invalid-parameter', 'key'],
  ['key=a%00', 'invalid-parameter', 'key'],
  ['key=a\n', 'invalid-parameter', 'key'],
  ['key=a&value=', 'invalid-parameter', 'value'],
  ['key=a&value=1.5', 'invalid-parameter', 'value'],
  ['key=a&value=9223372036854775808', 'invalid-parameter', 'value'],
  ['key=a&value=%ff', 'invalid-parameter', 'value'],
  ['key=a&value=1&value=1', 'duplicate-parameter', 'value'],
  ['key=a&value=%31&value=1', 'duplicate-parameter', 'value'],
  ['key=a&other=1', 'unknown-parameter'],
  ['key=a&value=1&%ff=1', 'malformed-body'],
];

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Every UTF-16 code unit as \uXXXX. */
function escaped(text: string): string {
  return `"${text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')}"`;
}

function percent(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Zeros in front, which digits in a string may have. */
function padded(value: bigint): string {
  return value < 0n ? `-00${-value}` : `00${value}`;
}
