/**
 * Every error that the API can answer, in one list, as application/problem+json (RFC 9457).
 *
 * The name of an entry is the `code` of the problem: a stable word that programs can test.
 * `detail` says what was wrong this time; a handler gives it where it knows more.
 */
export const PROBLEMS = {
  'malformed-body': [400, 'The body can not be parsed as its content type says.'],
  'missing-parameter': [400, 'A parameter that the request needs is not there.'],
  'duplicate-parameter': [400, 'A parameter is there more than once.'],
  'unknown-parameter': [400, 'There is no such parameter.'],
  'invalid-parameter': [400, 'A parameter has a value that it can not have.'],
  'not-found': [404, 'There is nothing at this path.'],
  'unknown-key': [404, 'This key was never counted.'],
  'method-not-allowed': [405, 'The path exists, but not with this method.'],
  overflow: [409, 'The total would leave the signed 64-bit range.'],
  'body-too-large': [413, 'The body is larger than this path takes.'],
  'unsupported-media-type': [415, 'The body has a content type that this path does not take.'],
  'idempotency-key-reused': [422, 'The same Idempotency-Key stands for another write.'],
  'queue-full': [503, 'Too many counters wait to be written; only those can change.'],
  'registry-full': [503, 'There are as many counters as fit into memory; no new key can be added.'],
  'idempotency-full': [503, 'As many idempotency keys are kept as there may be.'],
  'too-many-waiting': [503, 'Too many replies wait for the disk.'],
  'store-unavailable': [503, 'The write is not on disk in time.'],
  'not-ready': [503, 'The server should get no traffic now.'],
  loading: [503, 'The server is still loading its counters.'],
  stopping: [503, 'The server is stopping.'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One occurrence of a problem. */
export class Problem {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  /** The parameter that is to blame. */
  readonly field: string | undefined;

  constructor(code: ProblemCode, detail?: string, field?: string) {
    this.code = code;
    this.detail = detail;
    this.field = field;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  toJSON(): object {
    const [status, title] = PROBLEMS[this.code];
    // Members without a value are left out by JSON.stringify.
    return { type: `/problems/${this.code}`, title, status, code: this.code, detail: this.detail, field: this.field };
  }
}

/** Seconds that a client should wait before it tries again; every 503 says it. */
export const RETRY_AFTER_S = 1;
