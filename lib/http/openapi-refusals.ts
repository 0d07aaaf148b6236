import { PROBLEM_TYPE } from './exchange.js';
import { replyExamples } from './openapi-examples.js';
import { PROBLEMS, Problem, type ProblemCode } from './problem.js';
import { PROBLEM_SCHEMA } from './problem-schema.js';
import type { Route } from './route.js';

/** Whether a request without a token is refused. */
export function needsToken({ access }: Route, isOpen: boolean): boolean {
  return access === 'account' || access === 'admin' || (access !== 'public' && !isOpen);
}

/** All that a route can be refused with, as OpenAPI's Response Objects by status. */
export function refusalsOf(route: Route, isOpen: boolean): Record<string, object> {
  const codes = problemsOf(route, isOpen);
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => statusOf(code) === status);
      const examples = { ...replyExamples(route, status, PROBLEM_TYPE), ...bareExamples(route, ofStatus) };
      const schema = { allOf: [PROBLEM_SCHEMA, { properties: { code: { enum: ofStatus } } }] };
      return [
        String(status),
        {
          description: ofStatus.map((code) => `- \`${code}\`: ${PROBLEMS[code][1]}`).join('\n'),
          headers: refusalHeadersOf(ofStatus),
          content: { [PROBLEM_TYPE]: { schema, examples } },
        },
      ];
    }),
  );
}

/** The problems that no example of the route has, as `GET /problems/{code}` shows them. */
function bareExamples({ doc }: Route, codes: readonly ProblemCode[]): object {
  const shown = doc.examples.map(({ reply }) => (reply.body as { readonly code?: string } | undefined)?.code);
  const others = codes.filter((code) => !shown.includes(code));
  return Object.fromEntries(others.map((code) => [code, { summary: code, value: new Problem(code).toJSON() }]));
}

/** Everything that a route can be refused with. */
function problemsOf(route: Route, isOpen: boolean): ProblemCode[] {
  const { access, bodyBytesMax, doc } = route;
  const codes: ProblemCode[] = [...(doc.problems ?? []), 'internal-error'];
  if (needsToken(route, isOpen)) codes.push('missing-token', 'unknown-token', 'too-many-failures');
  if (needsToken(route, isOpen) && (access === 'write' || access === 'admin' || access === 'join'))
    codes.push('insufficient-scope');
  if (bodyBytesMax > 0) codes.push('body-too-large');
  if (access !== 'public') codes.push('loading', 'stopping');
  return [...new Set(codes)];
}

function statusOf(code: ProblemCode): number {
  return PROBLEMS[code][0];
}

function refusalHeadersOf(codes: readonly ProblemCode[]): object | undefined {
  if (codes.some((code) => statusOf(code) === 503 || code === 'too-many-failures' || code === 'bound'))
    return { 'Retry-After': RETRY_AFTER };
  if (codes.includes('missing-token') || codes.includes('insufficient-scope')) return { 'WWW-Authenticate': CHALLENGE };
  return undefined;
}

const RETRY_AFTER = {
  description: 'After how many seconds another try may fare better; left out where it would be the same.',
  schema: { type: 'integer', minimum: 1 },
};

const CHALLENGE = {
  description: 'What to send (RFC 6750); left out where it is not the token that is to blame.',
  schema: { type: 'string' },
};
