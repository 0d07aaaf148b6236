import { encode, FORM } from '../contract/wire.js';
import type { Random } from '../torture/random.js';
import type { Increment, Model } from './model.js';

export type Step =
  | { readonly type: 'increment'; readonly increment: Increment; readonly bytes: string }
  | { readonly type: 'read'; readonly key: string; readonly bytes: string }
  | { readonly type: 'refused'; readonly status: number; readonly bytes: string }
  | { readonly type: 'drain' | 'stop' | 'kill' };

const KEYS = [
  'a',
  'b',
  'A',
  'key with blanks',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '%41',
  'a+b&c=d',
  '"\\',
  '__proto__',
  'constructor',
  'x'.repeat(512),
];

const VALUES = [
  0n,
  1n,
  -1n,
  7n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const REFUSED: readonly (readonly [status: number, body: string])[] = [
  [400, ''],
  [400, 'key='],
  [400, 'key=a&value=1.5'],
  [400, 'key=a&value=9223372036854775808'],
  [400, 'key=a&durability=tape'],
  [400, 'key=a&key=b'],
  [400, 'key=a&by=1'],
  [400, `key=${'x'.repeat(513)}`],
];

/** What happens next. A restart is rare, as it takes most of the time. */
export function nextStep(random: Random, model: Model): Step {
  const dice = random.fraction();
  if (dice < 0.003) return { type: random.pick(['stop', 'kill']) };
  if (dice < 0.03) return { type: 'drain' };
  if (dice < 0.25) return readOf(pickKey(random));
  if (dice < 0.3) return refused(random);
  return incrementOf(random, model);
}

function pickKey(random: Random): string {
  return random.chance(0.7) ? random.pick(KEYS) : `k${random.between(0, 500)}`;
}

function readOf(key: string): Step {
  return { type: 'read', key, bytes: encode({ target: `/numbers/${encodeURIComponent(key)}` }) };
}

function refused(random: Random): Step {
  const [status, body] = random.pick(REFUSED);
  const headers: Record<string, string> = { 'Content-Type': FORM };
  if (random.chance(0.5)) headers['Idempotency-Key'] = `refused-${random.between(0, 9)}`;
  return { type: 'refused', status, bytes: encode({ method: 'POST', target: '/increment', headers, body }) };
}

function incrementOf(random: Random, model: Model): Step {
  const by = random.chance(0.7) ? BigInt(random.between(-1_000, 1_000)) : random.pick(VALUES);
  const increment: Increment = {
    key: pickKey(random),
    by,
    isDurable: random.chance(0.1),
    isText: random.chance(0.1),
    idempotencyKey: random.chance(0.3) ? idempotencyKey(random, model) : undefined,
  };
  return { type: 'increment', increment, bytes: encodeIncrement(random, increment) };
}

/** A new one, one that is known, or one that only refused requests have had. */
function idempotencyKey(random: Random, model: Model): string {
  const known = model.idempotencyKeys;
  if (known.length > 0 && random.chance(0.4)) return random.pick(known);
  return random.chance(0.1) ? `refused-${random.between(0, 9)}` : `i-${random.between(0, 1e9)}`;
}

function encodeIncrement(random: Random, { key, by, isDurable, isText, idempotencyKey }: Increment): string {
  const headers: Record<string, string> = {};
  if (isText) headers.Accept = 'text/plain';
  if (idempotencyKey !== undefined) headers['Idempotency-Key'] = idempotencyKey;
  const durability = isDurable ? 'disk' : 'memory';
  const parameters: [string, string][] = [['key', key]];
  if (by !== 1n || random.chance(0.5)) parameters.push(['value', `${by}`]);
  if (isDurable || random.chance(0.2)) parameters.push(['durability', durability]);
  if (random.chance(0.3)) parameters.reverse();
  const form = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  switch (random.pick(['form', 'form', 'json', 'query'])) {
    case 'json': {
      const body = Buffer.from(JSON.stringify(Object.fromEntries(parameters))).toString('latin1');
      return encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': 'application/json', ...headers }, body });
    }
    case 'query':
      return encode({ method: 'POST', target: `/increment?${form}`, headers: { 'Content-Length': '0', ...headers } });
    default:
      return encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': FORM, ...headers }, body: form });
  }
}
