import { encode } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { isInt64, json } from '../int64.js';
import type { Model, Totals } from '../model.js';
import { Body, JSON_TYPE } from '../said.js';
import { counted, type Outcome, type Wish, write } from '../writing.js';
import { pickKey, pickSource } from './keys.js';
import { numberPath, pickWish, send } from './sending.js';
import { BLIND_MS, reading, type Step } from './step.js';
import { pickTotal } from './values.js';

const NOTHING: Totals = { value: 0n, decrements: 0n };

/** PUT /numbers/{key}/sources/{source} */
export function reportStep(random: Random, model: Model): Step {
  const key = pickKey(random, model);
  const source = pickSource(random);
  const known = model.sources.get(key)?.get(source) ?? NOTHING;
  const report = {
    value: pickRunning(random, known.value),
    decrements: random.chance(0.6) ? 0n : pickRunning(random, known.decrements),
  };
  const wish = pickWish(random, model);
  const parameters: [string, string][] = [];
  if (report.value !== 0n || report.decrements === 0n || random.chance(0.5)) parameters.push(['value', `${report.value}`]);
  if (report.decrements !== 0n || random.chance(0.2)) parameters.push(['decrements', `${report.decrements}`]);
  const identity = JSON.stringify(['source', key, source, `${report.value} ${report.decrements}`]);
  return {
    kind: 'report',
    bytes: send(random, { method: 'PUT', path: `${numberPath(key)}/sources/${encodeURIComponent(source)}`, parameters }, wish),
    run: (model) => write(model, wish, identity, () => outcomeOf(model, key, source, report, wish)),
    isWrite: true,
    quietMs: wish.isText || wish.idempotencyKey !== undefined ? BLIND_MS : 0,
  };
}

/** More than before, as much, or less; or anything. */
function pickRunning(random: Random, known: bigint): bigint {
  const next = known + random.pick([0n, 1n, BigInt(random.between(-20, 100))]);
  return next >= 0n && isInt64(next) && random.chance(0.7) ? next : pickTotal(random);
}

function outcomeOf(model: Model, key: string, source: string, report: Totals, wish: Wish): Outcome {
  model.touch(key);
  const sources = new Map(model.sources.get(key));
  const known = sources.get(source);
  const highest = highestOf(known ?? NOTHING, report);
  const value = (model.value(key) ?? 0n) + balance(highest) - balance(known ?? NOTHING);
  if (known !== undefined && highest.value === known.value && highest.decrements === known.decrements) {
    return counted(model, wish, { key, value });
  }
  if (!isInt64(value)) return { status: 409, code: 'overflow', more: {} };
  model.sources.set(key, sources.set(source, highest));
  model.counters.set(key, value);
  return counted(model, wish, { key, value });
}

function highestOf(one: Totals, other: Totals): Totals {
  return {
    value: one.value > other.value ? one.value : other.value,
    decrements: one.decrements > other.decrements ? one.decrements : other.decrements,
  };
}

function balance({ value, decrements }: Totals): bigint {
  return value - decrements;
}

/** GET /numbers/{key}/sources */
export function sourcesStep(random: Random, model: Model): Step {
  const known = model.sources.keys();
  const key = known.length > 0 && random.chance(0.7) ? random.pick(known) : pickKey(random, model);
  return reading('sources', encode({ target: `${numberPath(key)}/sources` }), (model) => {
    const value = model.value(key);
    if (value === undefined) return { status: 404, code: 'unknown-key', more: {} };
    const list = [...(model.sources.get(key) ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([source, { value, decrements }]) => {
        return `{"source":${JSON.stringify(source)},"value":${json(value)},"decrements":${json(decrements)}}`;
      });
    const body = new Body(`{"key":${JSON.stringify(key)},"value":${json(value)},"sources":[${list.join(',')}]}`);
    return { status: 200, type: JSON_TYPE, body };
  });
}
