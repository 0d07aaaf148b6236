import { encode } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { json } from '../int64.js';
import type { Model } from '../model.js';
import { Body, JSON_TYPE, LEFT, type Said, TEXT_TYPE } from '../said.js';
import { Countdown } from '../span.js';
import { pickKey } from './keys.js';
import { numberPath } from './sending.js';
import { reading, type Step } from './step.js';

/** GET /numbers/{key} */
export function readStep(random: Random, model: Model): Step {
  const ending = model.ends.keys();
  const key = ending.length > 0 && random.chance(0.2) ? random.pick(ending) : pickKey(random, model);
  const isText = random.chance(0.1);
  const headers: Record<string, string> = isText ? { Accept: TEXT_TYPE } : {};
  return reading('read', encode({ target: numberPath(key), headers }), (model) => read(model, key, isText));
}

function read(model: Model, key: string, isText: boolean): Said {
  const value = model.value(key);
  if (value === undefined) return { status: 404, code: 'unknown-key', more: {} };
  if (isText) return { status: 200, type: TEXT_TYPE, body: new Body(`${value}\n`) };
  const end = model.ends.get(key);
  const left = end === undefined ? '' : `,"reset_ms":${LEFT}`;
  const text = `{"key":${JSON.stringify(key)},"value":${json(value)}${left}}`;
  return { status: 200, type: JSON_TYPE, body: new Body(text, end && new Countdown(end, model.moment)) };
}

/** GET /numbers?key=…&key=… */
export function namedStep(random: Random, model: Model): Step {
  const keys = Array.from({ length: random.between(1, 12) }, () => pickKey(random, model));
  if (random.chance(0.2)) keys.push(keys[0] as string);
  const target = `/numbers?${keys.map((key) => `key=${encodeURIComponent(key)}`).join('&')}`;
  return reading('named', encode({ target }), (model) => {
    const list = keys.map((key) => {
      const value = model.value(key);
      return `{"key":${JSON.stringify(key)},"value":${value === undefined ? 'null' : json(value)}}`;
    });
    return { status: 200, type: JSON_TYPE, body: new Body(`{"counters":[${list.join(',')}],"seq":${model.seq}}`) };
  });
}
