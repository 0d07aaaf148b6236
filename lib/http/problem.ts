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
  'too-many-parameters': [400, 'A parameter is there more often than it may be.'],
  'missing-token': [401, 'The request does not say whose it is.'],
  'unknown-token': [401, 'No account has this token.'],
  'insufficient-scope': [403, 'The account may not do this.'],
  'outside-prefix': [403, 'The account may not use this key.'],
  'origin-not-allowed': [403, 'Pages of this origin may not send such requests.'],
  'not-found': [404, 'There is nothing at this path.'],
  'unknown-key': [404, 'This key was never counted.'],
  'unknown-user': [404, 'There is no such user.'],
  'method-not-allowed': [405, 'The path exists, but not with this method.'],
  'username-taken': [409, 'Another user has this name.'],
  'token-taken': [409, 'Another user has this token.'],
  'tick-under-way': [409, 'A tick is drawn or written; another one has to wait.'],
  overflow: [409, 'The total would leave the signed 64-bit range.'],
  bound: [409, 'The step would cross a bound of the counter.'],
  'not-a-window': [409, 'The counter has no end, and does not get one.'],
  'value-differs': [412, 'The counter does not have the value that was asked for.'],
  'body-too-large': [413, 'The body is larger than this path takes.'],
  'unsupported-media-type': [415, 'The body has a content type that this path does not take.'],
  'idempotency-key-reused': [422, 'The same Idempotency-Key stands for another write.'],
  'too-many-failures': [429, 'Too many requests from this address came with a wrong token.'],
  'internal-error': [500, 'The server has a fault. What became of the request is not known; the log says more.'],
  'resource-busy': [500, 'As many use the slow resource as it takes.'],
  'queue-full': [503, 'Too many counters wait to be written; only those can change.'],
  'registry-full': [503, 'There are as many counters as fit into memory; no new key can be added.'],
  'sources-full': [503, 'There are as many sources as there may be; no new one can be added.'],
  'users-full': [503, 'There are as many users as there may be.'],
  'too-many-scans': [503, 'As many requests look at all counters, or wait to, as there may be.'],
  'too-many-uses': [503, 'As many uses of the slow resource are under way as there may be.'],
  'too-many-readers': [503, 'As many readers follow the events as there may be.'],
  'idempotency-full': [503, 'As many idempotency keys are kept as there may be.'],
  'too-many-waiting': [503, 'Too many replies wait for the disk.'],
  'store-unavailable': [503, 'The write is not on disk in time.'],
  'not-ready': [503, 'The server should get no traffic now.'],
  loading: [503, 'The server is still loading its counters.'],
  stopping: [503, 'The server is stopping.'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What every problem has, and no extension can be called: RFC 9457, section 3.1, and ours. */
type StandardMember = 'type' | 'title' | 'status' | 'detail' | 'instance' | 'code' | 'field' | 'request_id';

/**
 * Members of a problem beside those that all have (RFC 9457, section 3.2). A `bigint` is for what a
 * double can't hold: in JSON it is a string of digits.
 */
export type Extension = { readonly [name: string]: string | number | bigint | boolean | null | readonly string[] } & {
  readonly [name in StandardMember]?: never;
};

/** One occurrence of a problem. */
export class Problem {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  /** The parameter that is to blame. */
  readonly field: string | undefined;
  readonly extension: Extension | undefined;

  constructor(code: ProblemCode, detail?: string, field?: string, extension?: Extension) {
    this.code = code;
    this.detail = detail;
    this.field = field;
    this.extension = extension;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  /** After how many seconds another try may fare better; `undefined` where it would be the same. */
  get retryAfterS(): number | undefined {
    const resetMs = this.extension?.reset_ms;
    if (typeof resetMs === 'number') return Math.ceil(resetMs / 1_000);
    return this.status === 503 ? RETRY_AFTER_S : undefined;
  }

  /** The problem as it is described, without a request that it came up in. */
  toJSON(): object {
    return this.#members(undefined);
  }

  /** The body of the reply to a request. */
  body(requestId: string): string {
    return JSON.stringify(this.#members(requestId));
  }

  #members(requestId: string | undefined): object {
    const [status, title] = PROBLEMS[this.code];
    // Members without a value are left out by JSON.stringify.
    const standard = { type: `/problems/${this.code}`, title, status, code: this.code, detail: this.detail, field: this.field };
    if (this.extension === undefined) return { ...standard, request_id: requestId };
    // The second time for those that an extension is called by after all.
    return { ...standard, ...toJson(this.extension), ...standard, request_id: requestId };
  }
}

function toJson(extension: Extension): object {
  const members = Object.entries(extension).map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]);
  return Object.fromEntries(members);
}

/** Seconds that a client should wait before it tries again; every 503 says it, where its handler has no better figure. */
const RETRY_AFTER_S = 1;
