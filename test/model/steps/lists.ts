import { encode } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { json } from '../int64.js';
import type { Model } from '../model.js';
import { Body, JSON_TYPE, type Said } from '../said.js';
import { pickKey, pickPrefix } from './keys.js';
import { formOf } from './sending.js';
import { reading, type Step } from './step.js';

const LIMITS = [1, 2, 3, 10, 17, 100, 1_000];
const PAGE_LIMIT = 100;
const TOP_LIMIT = 10;

interface Listed {
  readonly key: string;
  readonly value: bigint;
}

/** GET /numbers, a page of the counters. */
export function pageStep(random: Random, model: Model): Step {
  const prefix = random.chance(0.7) ? pickPrefix(random) : '';
  const after = random.chance(0.5)
    ? random.pick([pickKey(random, model), pickPrefix(random), prefix + pickKey(random, model)])
    : undefined;
  const limit = random.chance(0.7) ? random.pick(LIMITS) : undefined;
  const target = `/numbers${queryOf({ prefix: prefix || undefined, after, limit })}`;
  return reading('page', encode({ target }), (model) => page(model, prefix, after, limit ?? PAGE_LIMIT));
}

/** The page that the reply to another one leads to, at the address that it gave. */
export function nextPageStep(target: string): Step {
  const query = new URLSearchParams(target.slice(target.indexOf('?')));
  const after = query.get('after') ?? '';
  return reading('next page', encode({ target }), (model) =>
    page(model, query.get('prefix') ?? '', after, Number(query.get('limit'))),
  );
}

function page(model: Model, prefix: string, after: string | undefined, limit: number): Said {
  const rest = model.list(prefix).filter(({ key }) => after === undefined || key > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next =
    last === undefined || rest.length === page.length
      ? undefined
      : { ...(prefix !== '' && { prefix }), after: last.key, limit: `${limit}` };
  return { status: 200, type: JSON_TYPE, body: new Body(`{"counters":[${listOf(page)}],"seq":${model.seq}}`), next };
}

/** GET /top */
export function topStep(random: Random): Step {
  const prefix = pickPrefix(random);
  const limit = random.chance(0.7) ? random.pick(LIMITS) : undefined;
  return reading('top', encode({ target: `/top${queryOf({ prefix: prefix || undefined, limit })}` }), (model) => {
    // A sort that keeps the order of the keys among those of the same value.
    const sorted = model.list(prefix).sort((a, b) => (a.value > b.value ? -1 : a.value < b.value ? 1 : 0));
    const body = new Body(`{"counters":[${listOf(sorted.slice(0, limit ?? TOP_LIMIT))}],"seq":${model.seq}}`);
    return { status: 200, type: JSON_TYPE, body };
  });
}

/** GET /sum */
export function sumStep(random: Random): Step {
  const prefix = pickPrefix(random);
  return reading('sum', encode({ target: `/sum${queryOf({ prefix: prefix || undefined })}` }), (model) => {
    const list = model.list(prefix);
    const sum = list.reduce((sum, { value }) => sum + value, 0n);
    return { status: 200, type: JSON_TYPE, body: new Body(`{"sum":${json(sum)},"count":${list.length},"seq":${model.seq}}`) };
  });
}

function listOf(list: readonly Listed[]): string {
  return list.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${json(value)}}`).join(',');
}

function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, `${value}`]],
  );
  return given.length === 0 ? '' : `?${formOf(given)}`;
}
