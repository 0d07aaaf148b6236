import type { Test } from 'tap';
import type { Reply } from './wire.js';

const MEMBERS = ['type', 'title', 'status', 'code', 'detail', 'field', 'request_id'];

/**
 * That a reply is a problem (RFC 9457) as every error of the API is one, with this code.
 *
 * @param more the members that it has beside those that all have.
 */
export function expectProblem(
  t: Test,
  reply: Reply,
  status: number,
  code: string,
  field?: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  t.equal(reply.status, status, `the status is ${status}`);
  t.equal(reply.headers.get('content-type'), 'application/problem+json', 'the type is a problem');
  const problem = JSON.parse(reply.body) as Record<string, unknown>;
  t.equal(problem.code, code, `the code is ${code}`);
  t.equal(problem.status, reply.status, 'the problem repeats the status');
  t.equal(problem.type, `/problems/${code}`, 'the type leads to the code');
  t.equal(problem.field, field, `the field is ${field}`);
  t.match(problem.title, /^[A-Z].+\.$/, 'the title is a sentence');
  t.match(problem.request_id, /^[!-~]+$/, 'the request has an id');
  t.equal(reply.headers.get('x-request-id'), problem.request_id, 'the reply has it in its head');
  t.match(problem.detail ?? '-', /./, 'a detail, where there is one, says something');
  t.strictSame(
    Object.fromEntries(Object.entries(problem).filter(([member]) => !MEMBERS.includes(member))),
    more,
    'what else is in it belongs to this problem',
  );
  if (status === 503 || 'reset_ms' in more) t.match(reply.headers.get('retry-after'), /^[1-9]\d*$/, 'it says when to try again');
  else t.notOk(reply.headers.has('retry-after'), 'trying again would change nothing');
  t.equal(reply.headers.has('allow'), status === 405, 'the allowed methods are there when it is about them');
}

/** That a reply says what an increment came to. `value` as it stands in the JSON text. */
export function expectCounted(t: Test, reply: Reply, key: string, value: string): void {
  const start = `{"key":${JSON.stringify(key)},"value":${value},"seq":`;
  t.strictSame(
    { status: reply.status, type: reply.headers.get('content-type'), start: reply.body.slice(0, start.length) },
    { status: 200, type: 'application/json', start },
    `${value} is counted`,
  );
  t.match(reply.body.slice(start.length), /^[1-9]\d*\}$/, 'the seq is a number');
}
