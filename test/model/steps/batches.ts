import { encode, FORM, utf8 } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { isInt64, json } from '../int64.js';
import type { Model } from '../model.js';
import { Body, JSON_TYPE, NDJSON_TYPE } from '../said.js';
import { type Outcome, type Wish, write } from '../writing.js';
import { pickKey } from './keys.js';
import { formOf, pickWish, wishHeaders, wishParameters } from './sending.js';
import { BLIND_MS, type Step } from './step.js';
import { pickValue } from './values.js';

interface Item {
  readonly key: string;
  readonly by: bigint;
}

/** How the values of a batch are wanted. */
type Shape = 'json' | 'ndjson' | 'minimal';

const HEADERS: Readonly<Record<Shape, Readonly<Record<string, string>>>> = {
  json: {},
  ndjson: { Accept: NDJSON_TYPE },
  minimal: { Prefer: 'return=minimal' },
};

/** POST /increments */
export function batchStep(random: Random, model: Model): Step {
  const items = pickItems(random, model);
  const shape = random.pick(['json', 'json', 'ndjson', 'minimal'] as const);
  const wish = { ...pickWish(random, model), isText: false };
  const { type, text } = random.pick([formText, jsonText, ndjsonText])(random, items);
  const query = formOf(wishParameters(random, wish));
  const headers = { 'Content-Type': type, ...wishHeaders(wish), ...HEADERS[shape] };
  return {
    kind: 'batch',
    bytes: encode({ method: 'POST', target: `/increments${query && `?${query}`}`, headers, body: utf8(text) }),
    run: (model) => write(model, wish, `batch ${text}`, () => outcomeOf(model, items, shape, wish)),
    isWrite: true,
    quietMs: shape === 'minimal' || (items.length === 0 && wish.idempotencyKey !== undefined) ? BLIND_MS : 0,
  };
}

/** A few; sometimes none, and sometimes more than go into one statement to the store. */
function pickItems(random: Random, model: Model): Item[] {
  const dice = random.fraction();
  if (dice < 0.03) return [];
  if (dice > 0.95)
    return Array.from({ length: random.between(60, 300) }, () => ({ key: pickKey(random, model), by: pickSmall(random) }));
  return Array.from({ length: random.between(1, 8) }, () => ({ key: pickKey(random, model), by: pickSmall(random) }));
}

/** A batch of many must not fail for one that is large. */
function pickSmall(random: Random): bigint {
  return random.chance(0.1) ? pickValue(random) : BigInt(random.between(-99, 99));
}

function formText(random: Random, items: readonly Item[]): { type: string; text: string } {
  const pairs = items.flatMap(({ key, by }): [string, string][] =>
    isLeftOut(random, by)
      ? [['key', key]]
      : [
          ['key', key],
          ['value', `${by}`],
        ],
  );
  return { type: FORM, text: formOf(pairs) };
}

function jsonText(random: Random, items: readonly Item[]): { type: string; text: string } {
  const blank = random.pick(['', ' ', '\n']);
  return { type: JSON_TYPE, text: `[${blank}${items.map((item) => objectText(random, item)).join(`,${blank}`)}${blank}]` };
}

function ndjsonText(random: Random, items: readonly Item[]): { type: string; text: string } {
  const newline = random.pick(['\n', '\r\n', '\n\n']);
  const text = items.map((item) => objectText(random, item)).join(newline);
  return { type: NDJSON_TYPE, text: random.chance(0.5) ? text : text + newline };
}

function objectText(random: Random, { key, by }: Item): string {
  const members = [`"key":${JSON.stringify(key)}`];
  if (!isLeftOut(random, by)) members.push(`"value":${random.chance(0.7) ? by : `"${by}"`}`);
  if (random.chance(0.2)) members.reverse();
  return `{${members.join(random.pick([',', ', ']))}}`;
}

function isLeftOut(random: Random, by: bigint): boolean {
  return by === 1n && random.chance(0.5);
}

function outcomeOf(model: Model, items: readonly Item[], shape: Shape, { isDurable }: Wish): Outcome {
  for (const { key } of items) model.touch(key);
  const counters = new Map<string, bigint>();
  const values: bigint[] = [];
  for (const [index, { key, by }] of items.entries()) {
    const value = (counters.get(key) ?? model.value(key) ?? 0n) + by;
    if (!isInt64(value)) return { status: 409, code: 'overflow', more: { index } };
    counters.set(key, value);
    values.push(value);
  }
  for (const [key, value] of counters) model.counters.set(key, value);
  return (seq) => {
    const end = `"seq":${seq}${isDurable ? ',"durable":true' : ''}}`;
    switch (shape) {
      case 'json':
        return { type: JSON_TYPE, body: new Body(`{"values":[${values.map(json).join(',')}],${end}`) };
      case 'minimal':
        return { type: JSON_TYPE, body: new Body(`{"count":${items.length},${end}`) };
      case 'ndjson': {
        const lines = items.map(({ key }, i) => `{"key":${JSON.stringify(key)},"value":${json(values[i] as bigint)},${end}\n`);
        return { type: NDJSON_TYPE, body: new Body(lines.join('')) };
      }
    }
  };
}
