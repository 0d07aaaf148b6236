import { encode, FORM } from '../contract/wire.js';
import type { Random } from '../torture/random.js';

const JSON_TYPE = 'application/json';
const KEYS = 40;
const IDEMPOTENCY_KEYS = 200;

/** What is not asked for anywhere: bare values, as a reply has to say which write it stands for. */
const ACCEPTS = ['application/json', '*/*', 'application/json;q=0.1, image/*', 'image/png', ''];

const VALUES = [
  '1',
  '-1',
  '0',
  '7',
  '42',
  '-9',
  '1000000',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '1.5',
  'x',
];

/** What an object has from elsewhere, where it has no member of that name. */
const INHERITED = ['toString', 'valueOf', 'toJSON', 'constructor', '__proto__', 'value'];

type Maker = (random: Random) => string;

/** Requests that a server answers at once. */
const ANSWERED: readonly Maker[] = [
  (random) => post(random, `key=${key(random)}`),
  (random) => post(random, `key=${key(random)}&value=${random.pick(VALUES)}`),
  (random) => post(random, `value=${random.pick(VALUES)}&key=%66${key(random)}%c3%a9`),
  (random) => post(random, `key=${key(random)}&durability=memory`),
  (random) => post(random, `{"key":"${key(random)}","value":${random.pick(VALUES)}}`, JSON_TYPE),
  (random) => post(random, `{"key":"\\u0066${key(random)}","value":"${random.pick(VALUES)}"}`, JSON_TYPE),
  (random) => post(random, `{"key":"${key(random)}","${random.pick(INHERITED)}":{"${random.pick(INHERITED)}":null}}`, JSON_TYPE),
  (random) => post(random, `key=${key(random)}`, 'text/html'),
  (random) => post(random, '', FORM, `?key=${key(random)}&value=${random.pick(VALUES)}`),
  (random) => chunked(random, `key=${key(random)}&value=${random.pick(VALUES)}`),
  (random) => encode({ target: `/numbers/${key(random)}`, headers: { Accept: random.pick(ACCEPTS) } }),
  (random) => encode({ target: `/numbers/%66${key(random)}%2F%c3%a9` }),
  (random) => encode({ method: 'HEAD', target: `/numbers/${key(random)}` }),
  () => encode({ target: '/durability' }),
  () => encode({ target: '/readyz' }),
  () => encode({ target: '/nowhere/%00/..//', method: 'PUT', body: 'key=f0' }),
  () => encode({ target: '/problems/overflow', version: '1.0' }),
];

/** Requests that a server answers when the disk has something. */
const WAITING: readonly Maker[] = [
  (random) => post(random, `key=${key(random)}&durability=disk`),
  (random) => post(random, `key=${key(random)}&value=${random.pick(VALUES)}&durability=disk`),
  (random) => post(random, `{"key":"${key(random)}","durability":"disk"}`, JSON_TYPE),
  () => encode({ method: 'POST', target: '/drain', headers: { 'Content-Length': '0' } }),
  (random) => encode({ method: 'POST', target: `/drain?seq=${random.between(0, 300_000)}`, headers: { 'Content-Length': '0' } }),
];

/** A valid request, more or less: some are refused, but none for how it is put together. */
export function request(random: Random, withWaiting: boolean): string {
  return random.pick(withWaiting && random.chance(0.5) ? WAITING : ANSWERED)(random);
}

function key(random: Random): string {
  return `f${random.between(0, KEYS - 1)}`;
}

function post(random: Random, body: string, type = FORM, query = ''): string {
  const headers: Record<string, string> = { 'Content-Type': type };
  if (random.chance(0.2)) headers['Idempotency-Key'] = `i-${random.between(0, IDEMPOTENCY_KEYS - 1)}`;
  if (random.chance(0.2)) headers.Accept = random.pick(ACCEPTS);
  return encode({ method: 'POST', target: `/increment${query}`, headers, body });
}

function chunked(random: Random, body: string): string {
  const cut = random.between(1, body.length - 1);
  const chunks = [body.slice(0, cut), body.slice(cut), ''];
  const encoded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return encode({ method: 'POST', target: '/increment', headers: { 'Transfer-Encoding': 'chunked' } }) + encoded;
}
