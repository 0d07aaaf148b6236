import { encode, FORM } from '../../contract/wire.js';
import type { Random } from '../../torture/random.js';
import { JSON_TYPE, NDJSON_TYPE } from '../said.js';
import { reading, type Step } from './step.js';

interface Refusal {
  readonly method?: string;
  readonly target: string;
  readonly type?: string;
  readonly body?: string;
  readonly status: number;
  readonly code: string;
}

function increment(code: string, body: string): Refusal {
  return { method: 'POST', target: '/increment', type: FORM, body, status: 400, code };
}

function put(code: string, target: string, body: string): Refusal {
  return { method: 'PUT', target, type: FORM, body, status: 400, code };
}

function batch(code: string, type: string, body: string): Refusal {
  return { method: 'POST', target: '/increments', type, body, status: 400, code };
}

function get(code: string, target: string): Refusal {
  return { target, status: 400, code };
}

const REFUSALS: readonly Refusal[] = [
  increment('missing-parameter', ''),
  increment('invalid-parameter', 'key='),
  increment('invalid-parameter', 'key=a&value=1.5'),
  increment('invalid-parameter', 'key=a&value=9223372036854775808'),
  increment('invalid-parameter', 'key=a&durability=tape'),
  increment('duplicate-parameter', 'key=a&key=b'),
  increment('unknown-parameter', 'key=a&by=1'),
  increment('invalid-parameter', `key=${'x'.repeat(513)}`),
  increment('invalid-parameter', 'key=a&min=1&max=0'),
  increment('invalid-parameter', 'key=a&saturate=true'),
  increment('invalid-parameter', 'key=a&max=1&saturate=1'),
  increment('invalid-parameter', 'key=a&ttl=0'),
  put('missing-parameter', '/numbers/a', ''),
  put('invalid-parameter', '/numbers/a', 'value=-9223372036854775809'),
  put('invalid-parameter', '/numbers/a', 'value=1&if_value='),
  put('unknown-parameter', '/numbers/a', 'value=1&ttl=5'),
  put('invalid-parameter', '/numbers/%C3', 'value=1'),
  put('missing-parameter', '/numbers/a/sources/b', ''),
  put('invalid-parameter', '/numbers/a/sources/b', 'value=-1'),
  put('invalid-parameter', '/numbers/a/sources/%00', 'value=1'),
  { method: 'DELETE', target: '/numbers/a?value=1', status: 400, code: 'unknown-parameter' },
  { method: 'DELETE', target: '/numbers/%0A', status: 400, code: 'invalid-parameter' },
  get('invalid-parameter', '/numbers?key=a&prefix=a'),
  get('invalid-parameter', '/numbers?limit=0'),
  get('duplicate-parameter', '/numbers?after=a&after=b'),
  get('invalid-parameter', '/top?limit=1001'),
  get('unknown-parameter', '/sum?limit=1'),
];

/** What comes before the fault would be counted, if not all had to be. */
const BATCH_REFUSALS: readonly Refusal[] = [
  batch('invalid-parameter', JSON_TYPE, '[{"key":"a"},{"key":""}]'),
  batch('invalid-parameter', JSON_TYPE, '[{"key":"a"},{"key":"b","value":1.5}]'),
  batch('missing-parameter', JSON_TYPE, '[{"key":"a"},{"value":1}]'),
  batch('malformed-body', JSON_TYPE, '[{"key":"a"},{"key":"b"}'),
  batch('malformed-body', JSON_TYPE, '{"key":"a"}'),
  batch('invalid-parameter', NDJSON_TYPE, '{"key":"a"}\n{"key":"b","value":"x"}\n'),
  batch('unknown-parameter', NDJSON_TYPE, '{"key":"a"}\n{"key":"b","ttl":5}\n'),
  batch('malformed-body', NDJSON_TYPE, '{"key":"a"}\n{"key":"b"'),
  batch('invalid-parameter', FORM, 'key=a&value=1&key=b&value='),
  batch('duplicate-parameter', FORM, 'key=a&value=1&value=2'),
  { ...batch('unsupported-media-type', 'text/csv', 'a,1'), status: 415 },
];

/** Something that no server may do, whatever it has counted. */
export function refusedStep(random: Random): Step {
  const { method = 'GET', target, type, body, status, code } = random.pick([...REFUSALS, ...BATCH_REFUSALS]);
  const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
  if (random.chance(0.5)) headers['Idempotency-Key'] = `refused-${random.between(0, 9)}`;
  const bytes = encode({ method, target, headers, ...(body !== undefined && { body }) });
  return reading('refused', bytes, () => ({ status, code }));
}
