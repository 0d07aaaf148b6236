import type { Parameter, Tag } from '../../../http/documentation.js';
import { described, NamedSchema, object } from '../../../http/schema.js';
import { DURABLE, SEQ } from '../../../writes/documentation.js';
import { KEY_BYTES_MAX } from '../key.js';

export const COUNTING: Tag = { name: 'Counting', description: 'Writes: each is answered with its `seq`.' };
export const READING: Tag = {
  name: 'Reading',
  description: 'Every read comes from memory, and sees every write that was answered before it.',
};

export const KEY = new NamedSchema('Key', {
  description: `1 to ${KEY_BYTES_MAX} bytes of UTF-8, without control characters.`,
  type: 'string',
  minLength: 1,
  maxLength: KEY_BYTES_MAX,
});

export const INT64 = new NamedSchema('Int64', {
  description:
    'A signed 64-bit integer, exact. In replies it is a number within ±(2^53-1), and a string of digits outside, as JSON ' +
    'numbers are doubles in most languages. Requests can have it either way.',
  type: ['integer', 'string'],
  format: 'int64',
  pattern: '^-?[0-9]{1,19}$',
});

export const REMAINING = {
  description: 'How far it is to `max`. Only there with `max`; a string of digits above 2^53-1.',
  type: ['integer', 'string'],
  minimum: 0,
  pattern: '^[0-9]{1,20}$',
} as const;

export const RESET_MS = { type: 'integer', minimum: 0, description: 'After how many milliseconds the counter ends.' } as const;

/** What a write to one counter is answered with. */
export const COUNTED = new NamedSchema(
  'Counted',
  object(
    { key: KEY, value: described(INT64, 'The value that the counter has now.'), seq: SEQ },
    {
      applied: described(INT64, 'How much was added. Only there with `saturate`.'),
      remaining: REMAINING,
      reset_ms: RESET_MS,
      durable: DURABLE,
    },
  ),
);

/** A counter in a list. */
export const VALUED = new NamedSchema('Valued', object({ key: KEY, value: INT64 }));

/** What `Accept: text/plain` gets. */
export const BARE_VALUE = {
  type: 'string',
  pattern: '^-?[0-9]{1,19}\\n$',
  description: 'The bare value and a newline.',
} as const;

export const KEY_IN_PATH: Parameter = {
  name: 'key',
  in: 'path',
  description: 'The counter: one percent-encoded segment, so that `a/b` is `a%2Fb`.',
  schema: KEY,
};

export const PREFIX_IN_QUERY: Parameter = {
  name: 'prefix',
  in: 'query',
  description: 'With what their keys begin. All that the caller may see, if it is left out.',
  schema: { type: 'string', maxLength: KEY_BYTES_MAX },
};
