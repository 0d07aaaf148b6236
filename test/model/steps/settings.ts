import { encode } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { member } from '../int64.js';
import type { Model } from '../model.js';
import { counted, type Outcome, type Wish, write } from '../writing.js';
import { pickKey } from './keys.js';
import { formOf, numberPath, pickWish, send, wishHeaders, wishParameters } from './sending.js';
import { BLIND_MS, type Step } from './step.js';
import { pickValue } from './values.js';

/** PUT /numbers/{key} */
export function settingStep(random: Random, model: Model): Step {
  const key = pickKey(random, model);
  const value = pickValue(random);
  const ifValue = random.chance(0.4) ? random.pick([model.counters.get(key) ?? 0n, 0n, pickValue(random)]) : undefined;
  const wish = pickWish(random, model);
  const parameters: [string, string][] = [['value', `${value}`]];
  if (ifValue !== undefined) parameters.push(['if_value', `${ifValue}`]);
  return {
    kind: 'set',
    bytes: send(random, { method: 'PUT', path: numberPath(key), parameters }, wish),
    run: (model) =>
      write(model, wish, JSON.stringify(['set', key, `${value} ${ifValue}`]), () => set(model, key, value, ifValue, wish)),
    isWrite: true,
    quietMs: wish.isText ? BLIND_MS : 0,
  };
}

function set(model: Model, key: string, value: bigint, ifValue: bigint | undefined, wish: Wish): Outcome {
  model.touch(key);
  const before = model.value(key) ?? 0n;
  if (ifValue !== undefined && ifValue !== before) return { status: 412, code: 'value-differs', more: { value: member(before) } };
  model.counters.set(key, value);
  return counted(model, wish, { key, value });
}

/** DELETE /numbers/{key} */
export function deletionStep(random: Random, model: Model): Step {
  const known = model.counters.keys();
  const key = known.length > 0 && random.chance(0.3) ? random.pick(known) : pickKey(random, model);
  const wish = pickWish(random, model);
  const query = formOf(wishParameters(random, wish));
  return {
    kind: 'delete',
    bytes: encode({ method: 'DELETE', target: numberPath(key) + (query && `?${query}`), headers: wishHeaders(wish) }),
    run: (model) => write(model, wish, JSON.stringify(['delete', key]), () => remove(model, key, wish)),
    isWrite: true,
    quietMs: wish.isText ? BLIND_MS : 0,
  };
}

function remove(model: Model, key: string, wish: Wish): Outcome {
  model.touch(key);
  const value = model.value(key);
  if (value === undefined) return { status: 404, code: 'unknown-key', more: {} };
  model.remove(key);
  return counted(model, wish, { key, value });
}
