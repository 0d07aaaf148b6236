/** @typedef {import('./token.js').TokenKeeper} TokenKeeper */

/** The server refused a request, and said why (RFC 9457). */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} code a stable word, such as `outside-prefix`
   * @param {string} message
   * @param {string | undefined} field the parameter that is to blame
   * @param {number | undefined} retryAfterMs when another try may fare better
   */
  constructor(status, code, message, field, retryAfterMs) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 429 || this.status >= 500;
  }
}

/** A request to a server that takes this long has failed; the stream of events is none of these. */
const PATIENCE_MS = 15_000;

/** Asks the server that the page came from, with the token where there is one. */
export class Api {
  #tokens;
  #onUnknown;

  /**
   * @param {TokenKeeper} tokens
   * @param {() => void} onUnknown called when a request needs a token, or another one
   */
  constructor(tokens, onUnknown) {
    this.#tokens = tokens;
    this.#onUnknown = onUnknown;
  }

  /**
   * Gets what is at a path.
   *
   * @param {string} path
   * @returns {Promise<any>} what the JSON says
   * @throws {Refusal} when the server refuses; TypeError when it can't be reached.
   */
  async get(path) {
    return (await this.#ask(path, {})).json();
  }

  /**
   * Gets a page of a list.
   *
   * @param {string} path
   * @returns {Promise<{ page: any, next: string | undefined }>} and the path of the next page
   * @throws {Refusal | TypeError} as `get` does.
   */
  async getPage(path) {
    const response = await this.#ask(path, {});
    return { page: await response.json(), next: /<([^>]*)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1] };
  }

  /**
   * Posts a form.
   *
   * @param {string} path
   * @param {Readonly<Record<string, string>>} form
   * @returns {Promise<any>} what the JSON says
   * @throws {Refusal | TypeError} as `get` does.
   */
  async post(path, form) {
    return (await this.#ask(path, { method: 'POST', body: new URLSearchParams(form) })).json();
  }

  /**
   * Opens a stream of events. It has no end but the signal's.
   *
   * @param {string} path
   * @param {string | undefined} lastEventId
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array>>}
   * @throws {Refusal | TypeError} as `get` does.
   */
  async open(path, lastEventId, signal) {
    const resumes = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const { body } = await this.#ask(path, { signal, headers: { Accept: 'text/event-stream', ...resumes } });
    if (body === null) throw new TypeError('the reply has no body');
    return body;
  }

  /**
   * @param {string} path
   * @param {{ method?: string, body?: URLSearchParams, signal?: AbortSignal, headers?: Record<string, string> }} request
   */
  async #ask(path, { headers, ...request }) {
    const { token } = this.#tokens;
    const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(path, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...request,
      headers: { Accept: 'application/json', ...headers, ...authorization },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    if (response.ok) return response;
    const refusal = await readRefusal(response);
    // Not where the token has been changed meanwhile: the answer is to the old one.
    if (refusal.status === 401 && token === this.#tokens.token) this.#onUnknown();
    throw refusal;
  }
}

/**
 * What a refusal says. One that a proxy made may be anything.
 *
 * @param {Response} response
 */
async function readRefusal(response) {
  const { status, statusText } = response;
  const afterS = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const afterMs = Number.isFinite(afterS) ? afterS * 1_000 : undefined;
  try {
    const { code, title, detail, field } = await response.json();
    return new Refusal(status, String(code), String(detail ?? title), field, afterMs);
  } catch {
    return new Refusal(
      status,
      statusText === '' ? 'error' : statusText,
      'the reply is no problem that this page can read',
      undefined,
      afterMs,
    );
  }
}

/**
 * A failure in words.
 *
 * @param {unknown} error
 */
export function inWords(error) {
  if (error instanceof Refusal) return `${error.status} ${error.code}: ${error.message}`;
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'the server does not answer';
  return 'the server can not be reached';
}
