import fc from 'fast-check';
import t from 'tap';
import { Problem } from '../../../dist/http/problem.js';
import type { Batch } from '../../../dist/services/counters/batch.js';
import { readIncrement } from '../../../dist/services/counters/parameters.js';
import { itemProblem } from '../../../dist/services/counters/refusals.js';
import { bytes, FORM, JSON_TYPE, request } from '../../http/request.js';
import {
  BAD_OBJECTS,
  BAD_PAIRS,
  cuts,
  expected,
  formStyles,
  type Item,
  item,
  jsonStyles,
  NDJSON,
  read,
  told,
  toldBriefly,
} from './batch-body.js';
import { keys } from './no-keys.js';

/** How a body is made of items that are written already. */
const CARRIERS: Readonly<Record<string, { type: string; styles: readonly ((item: Item) => string)[]; join: Join }>> = {
  NDJSON: {
    type: NDJSON,
    styles: jsonStyles,
    join: (lines, isOdd) => lines.join(isOdd ? '\r\n \t\r\n\n' : '\n') + (isOdd ? '' : '\n'),
  },
  'a JSON array': {
    type: JSON_TYPE,
    styles: jsonStyles,
    join: (items, isOdd) => (isOdd ? `\n[\r\n${items.join(' ,\n\t')}\n] ` : `[${items}]`),
  },
  'a form': {
    type: FORM,
    styles: formStyles,
    join: (pairs, isOdd) => `${isOdd ? '&' : ''}${pairs.join(isOdd ? '&&' : '&')}${isOdd ? '&' : ''}`,
  },
};

type Join = (items: readonly string[], isOdd: boolean) => string;

/** Pieces of JSON that the short way through the parser may or may not take. */
const jsonPiece = fc.oneof(
  fc.constantFrom(
    '{"key":"',
    '{"key": "',
    '","value":',
    '", "value": ',
    '"}',
    '}',
    '{',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\"',
    ' ',
  ),
  fc.constantFrom(
    '"key"',
    '"value"',
    '0',
    '7',
    '-',
    '-0',
    '01',
    '42',
    '999999999999999',
    '9007199254740993',
    '1.0',
    '1e2',
    'null',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
/** Numbers, good and bad. */
const digits = fc
  .array(fc.constantFrom('-', '0', '1', '9', '.', '99999999999999'), { minLength: 1, maxLength: 4 })
  .map((all) => all.join(''));
const jsonItem = fc.oneof(
  digits.map((number) => `{"key":"a","value":${number}}`),
  fc.array(jsonPiece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.tuple(jsonPiece, jsonPiece).map(([key, value]) => `{"key":"${key}","value":${value}}`),
  fc.tuple(jsonPiece, jsonPiece, jsonPiece).map(([key, value, end]) => `{"key":"a${key}", "value": ${value}}${end}`),
  item.map((any) => jsonStyles[0]?.(any) ?? ''),
);

const formPiece = fc.oneof(
  fc.constantFrom(
    'key=',
    'value=',
    '&key=',
    '&value=',
    '&',
    '=',
    'key',
    'value',
    '-',
    '0',
    '-0',
    '7',
    '007',
    '42',
    '-5',
    'other=1',
  ),
  fc.constantFrom(
    '999999999999999',
    '9007199254740993',
    '9223372036854775808',
    '%41',
    '%c3%a9',
    '%ff',
    '+',
    '%',
    '"',
    '\\',
    ' ',
    'é',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const form = fc.oneof(
  digits.map((number) => `key=a&value=${number}&`),
  fc.array(formPiece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc
    .array(fc.tuple(formPiece, formPiece), { maxLength: 4 })
    .map((pairs) => pairs.map(([k, v]) => `key=a${k}&value=${v}`).join('&')),
);

const ONE_ITEM: Readonly<Record<string, (text: string) => boolean>> = {
  [NDJSON]: (text) => /[^ \t\r]/.test(text) && !text.includes('\n'),
  [JSON_TYPE]: (text) => parsed(`[${text}]`)?.length === 1,
  [FORM]: (text) => {
    const names = [...new URLSearchParams(`&${text}`).keys()];
    return names.indexOf('key') === 0 && names.lastIndexOf('key') === 0;
  },
};

for (const [carrier, { type, styles, join }] of Object.entries(CARRIERS)) {
  const style = fc.constantFrom(...styles);
  const written = fc.oneof(fc.tuple(item, fc.constant(styles[0] as (item: Item) => string)), fc.tuple(item, style));

  t.test(`items in ${carrier} are read as they are, however they are written and cut into pieces`, async () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 12 }), fc.boolean(), cuts, (items, isOdd, cuts) => {
        const body = join(
          items.map(([item, write]) => write(item)),
          isOdd,
        );
        return told(read(type, bytes(body), cuts)) === expected(items.map(([item]) => item));
      }),
      { numRuns: 2_000 },
    );
  });

  const any = { NDJSON: jsonItem, 'a JSON array': jsonItem, 'a form': form }[carrier] as fc.Arbitrary<string>;

  t.test(`where ${carrier} is cut makes no difference, be it good or bad`, async () => {
    const body = fc.oneof(
      fc.tuple(fc.array(any, { maxLength: 5 }), fc.boolean()).map(([items, isOdd]) => bytes(join(items, isOdd))),
      fc.uint8Array({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(body, cuts, (body, cuts) => told(read(type, body, cuts)) === told(read(type, body))),
      { numRuns: 5_000 },
    );
  });

  t.test(`an item in ${carrier} is read as POST /increment reads it, or is refused as well`, async (t) => {
    let good = 0;
    fc.assert(
      fc.property(any.filter(ONE_ITEM[type] as (text: string) => boolean), (text) => {
        const outcome = read(type, bytes(join([text], false)));
        const reference = alone(type, text);
        if (!(outcome instanceof Problem)) good++;
        // Of a form's faults POST /increment names the first that it looks for, and a batch the first that there is.
        if (type === FORM && outcome instanceof Problem) return reference instanceof Problem;
        return toldBriefly(outcome) === toldBriefly(reference);
      }),
      { numRuns: 5_000 },
    );
    t.ok(good > 100, `${good} could be read`);
  });

  t.test(`one bad item anywhere in ${carrier} refuses all, and its index is told`, async () => {
    const bad = fc.constantFrom(...(type === FORM ? BAD_PAIRS : BAD_OBJECTS));
    fc.assert(
      fc.property(
        fc.array(written, { maxLength: 8 }),
        bad,
        fc.array(written, { maxLength: 8 }),
        cuts,
        (before, bad, after, cuts) => {
          const write = (items: typeof before) => items.map(([item, write]) => write(item));
          const body = join([...write(before), bad[0], ...write(after)], false);
          const outcome = read(type, bytes(body), cuts);
          if (!(outcome instanceof Problem) || !outcome.detail?.startsWith(`item ${before.length}: `)) return false;
          const [, code, field] = bad;
          return toldBriefly(outcome) === JSON.stringify({ code, field, index: before.length });
        },
      ),
      { numRuns: 1_000 },
    );
  });
}

t.test('a JSON array is read only if it is one, and refused as none only if it is none', async (t) => {
  let good = 0;
  const items = fc.array(fc.oneof(jsonItem, fc.constantFrom('{"key":"a"}', '{"key":"b","value":2}')), { maxLength: 4 });
  fc.assert(
    fc.property(items, jsonPiece, fc.nat({ max: 3 }), (items, odd, place) => {
      const text = ['[', items.join(','), ']'].toSpliced(place, 0, place === 0 || place === 3 ? odd.trim() : odd).join('');
      const outcome = read(JSON_TYPE, bytes(text));
      const array = parsed(text);
      if (!(outcome instanceof Problem)) good++;
      if (!(outcome instanceof Problem)) return outcome.keys.length === array?.length;
      return outcome.code !== 'malformed-body' || array === undefined || !array.every((element) => isObject(element));
    }),
    { numRuns: 10_000 },
  );
  t.ok(good > 100, `${good} could be read`);
});

t.test('a batch of any size is read', async (t) => {
  const items = Array.from({ length: 20_000 }, (_, i) => ({
    key: `key${i % 7_000}`,
    by: BigInt(i % 1_000) * 10n ** BigInt(i % 16),
  }));
  const cuts = Array.from({ length: 100 }, (_, i) => i * 4_099);
  for (const { type, styles, join } of Object.values(CARRIERS)) {
    const body = bytes(join(items.map(styles[0] as (item: Item) => string), false));
    t.equal(told(read(type, body, cuts)), expected(items));
  }
});

/** What POST /increment makes of an item alone, by its general parser. */
function alone(type: string, text: string): Batch | Problem {
  const outcome = readIncrement(
    request({ body: bytes(text), type: type === FORM ? `${FORM};charset=utf-8` : JSON_TYPE }),
    keys,
    'memory',
  );
  return outcome instanceof Problem ? itemProblem(0, outcome) : { keys: [outcome.key], bys: [outcome.by] };
}

function parsed(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
