import type { Parameter } from '../http/documentation.js';
import type { ProblemCode } from '../http/problem.js';
import { NamedSchema } from '../http/schema.js';

/** The number of a write. */
export const SEQ = new NamedSchema('Seq', {
  description: 'The number of a write: one higher than that of the write before, and never reused.',
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
});

/** What every write can be sent, beside what it is about. */
export const DURABILITY_PARAMETER = {
  name: 'durability',
  description:
    'When the reply comes: at once (`memory`), or when the write is on disk (`disk`). `--durability` says what it is where a ' +
    'request does not.',
  schema: { type: 'string', enum: ['memory', 'disk'] },
} as const satisfies Omit<Parameter, 'in'>;

export const IDEMPOTENCY_PARAMETER: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'With it the write counts once, however often it is sent. A repeat gets the first reply again, with ' +
    '`Idempotency-Replayed: true`.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

export const DURABLE = {
  type: 'boolean',
  const: true,
  description: 'The write is on disk. Only there with `durability=disk`.',
} as const;

/** Of replies to writes. */
export const REPLAYED_HEADER = {
  'Idempotency-Replayed': {
    description: 'The reply is the one that the `Idempotency-Key` got first; nothing was changed.',
    schema: { type: 'string', const: 'true' },
  },
} as const;

/** What can be wrong with a query string. */
export const QUERY_PROBLEMS = [
  'malformed-body',
  'duplicate-parameter',
  'unknown-parameter',
  'invalid-parameter',
] as const satisfies readonly ProblemCode[];

/** Of every write, whatever it changes. */
export const WRITE_PROBLEMS = [
  ...QUERY_PROBLEMS,
  'idempotency-key-reused',
  'queue-full',
  'idempotency-full',
  'too-many-waiting',
  'store-unavailable',
] as const satisfies readonly ProblemCode[];
