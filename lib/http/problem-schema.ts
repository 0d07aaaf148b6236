import { PROBLEMS, type ProblemCode } from './problem.js';
import { NamedSchema, object } from './schema.js';

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** A problem of any code. */
export const PROBLEM_SCHEMA = new NamedSchema('Problem', {
  description: 'What went wrong (RFC 9457).',
  ...object(
    {
      type: {
        type: 'string',
        format: 'uri-reference',
        description: 'A path that says the same of every problem with this code.',
      },
      title: { type: 'string', description: 'What the code means. The same for every problem with it.' },
      status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status of the reply.' },
      code: { type: 'string', enum: PROBLEM_CODES, description: 'A stable word that a program can test.' },
    },
    {
      detail: { type: 'string', description: 'What was wrong this time.' },
      field: { type: 'string', description: 'The parameter that is to blame.' },
      request_id: { type: 'string', description: 'The X-Request-Id of the request, or one that was made for it.' },
      index: { type: 'integer', minimum: 0, description: 'The item of a batch that is to blame, counted from 0.' },
      value: {
        type: ['integer', 'string'],
        pattern: '^-?[0-9]{1,19}$',
        description: 'The value that the counter has. A string of digits where it is outside ±(2^53-1).',
      },
      remaining: {
        type: ['integer', 'string'],
        pattern: '^[0-9]{1,20}$',
        description: 'How far the counter is from its upper bound. A string of digits where it is above 2^53-1.',
      },
      reasons: { type: 'array', items: { type: 'string' }, description: 'Why the server is not ready: stable words.' },
      reset_ms: { type: 'integer', description: 'After how many milliseconds another try may fare better.' },
    },
  ),
});
