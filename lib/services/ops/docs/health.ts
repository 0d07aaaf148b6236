import { type Documentation, refused, replied, type Tag } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { PROBLEMS, Problem } from '../../../http/problem.js';
import { PROBLEM_CODES, PROBLEM_SCHEMA } from '../../../http/problem-schema.js';
import { arrayOf, object } from '../../../http/schema.js';

export const OPERATIONS: Tag = { name: 'Operations', description: 'For those who run the server.' };

/** What is wrong while the server serves. */
export const TROUBLES = arrayOf({ type: 'string', enum: ['store-failing', 'drains-stalled'] });

export const HEALTHZ: Documentation = {
  id: 'healthz',
  tag: OPERATIONS,
  replies: {
    200: {
      description: 'The process serves.',
      content: { [JSON_TYPE]: object({ status: { type: 'string', enum: ['ok', 'degraded'] }, reasons: TROUBLES }) },
    },
  },
  examples: [{ title: 'All is well', reply: replied({ status: 'ok', reasons: [] }) }],
};

export const READYZ: Documentation = {
  id: 'readyz',
  tag: OPERATIONS,
  replies: {
    200: {
      description: 'It should.',
      content: { [JSON_TYPE]: object({ status: { type: 'string', const: 'ready' }, reasons: TROUBLES }) },
    },
  },
  problems: ['not-ready'],
  examples: [{ title: 'All is well', reply: replied({ status: 'ready', reasons: [] }) }],
};

export const PROBLEM: Documentation = {
  id: 'explainProblem',
  tag: OPERATIONS,
  description: [
    '| status | code | meaning |',
    '| --- | --- | --- |',
    ...PROBLEM_CODES.map((code) => `| ${PROBLEMS[code][0]} | \`${code}\` | ${PROBLEMS[code][1]} |`),
  ].join('\n'),
  parameters: [
    { name: 'code', in: 'path', description: 'The `code` of a problem.', schema: { type: 'string', enum: PROBLEM_CODES } },
  ],
  replies: { 200: { description: 'What all problems with this code have.', content: { [JSON_TYPE]: PROBLEM_SCHEMA } } },
  problems: ['not-found'],
  examples: [
    { title: 'A problem', send: { code: 'overflow' }, reply: replied(new Problem('overflow').toJSON()) },
    { title: 'No problem', send: { code: 'joy' }, reply: refused(new Problem('not-found', 'there is no problem joy')) },
  ],
};
