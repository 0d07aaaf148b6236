import { parse as parseJson } from 'lossless-json';
import type { Exchange } from './exchange.js';
import { Problem } from './problem.js';

/**
 * The values of a request's parameters, in the order of the names that were asked for; where one
 * was not sent, `undefined`. JSON numbers are here as they were written, so no digit is lost.
 */
export type Parameters = (string | undefined)[];

export const FORM = 'application/x-www-form-urlencoded';
const JSON_BODY = 'application/json';

/** A request's parameters where one may be there more than once. */
export interface RepeatedParameters {
  /** The values of that one, in the order in which they were sent. */
  readonly values: readonly string[];
  /** The values of the others. */
  readonly others: Parameters;
}

/** How much of an unknown parameter's name is told back. */
const NAME_SHOWN = 64;

/** How often a parameter may be repeated. */
const VALUES_MAX = 1_000;

/**
 * Reads the parameters of a request from its query string and its body together: a form, or an
 * object in JSON. A body without a content type is taken for a form.
 *
 * @param names the parameters that there are; any other is a problem, and so is one sent twice.
 */
export function readParameters(exchange: Exchange, names: readonly string[]): Parameters | Problem {
  const read = new Reading(names, undefined);
  return read.all(exchange) ?? read.parameters;
}

/**
 * The same where one parameter may be there up to VALUES_MAX times. In JSON it can only be there once.
 *
 * @param others the names of the other parameters.
 */
export function readRepeated(exchange: Exchange, repeated: string, others: readonly string[] = []): RepeatedParameters | Problem {
  const read = new Reading(others, repeated);
  return read.all(exchange) ?? { values: read.values, others: read.parameters };
}

/** Reads a part of a form's bytes that stands for itself, as one item of many does. */
export function readFormPart(bytes: Uint8Array, names: readonly string[]): Parameters | Problem {
  const read = new Reading(names, undefined);
  return readForm(latin1(bytes), read) ?? read.parameters;
}

/**
 * Reads an object in JSON that is a part of a body.
 *
 * @param what it is called in the detail of a problem.
 */
export function readJsonPart(bytes: Uint8Array, names: readonly string[], what: string): Parameters | Problem {
  const read = new Reading(names, undefined);
  return readJson(bytes, what, read) ?? read.parameters;
}

/**
 * Reads the members of a request's body in JSON that are texts, and nothing else: what is not for a
 * URL, which others may see, and what a number would be mistaken for.
 */
export function readTexts(exchange: Exchange, names: readonly string[]): Parameters | Problem {
  if (exchange.query !== '') return new Problem('unknown-parameter', 'send the parameters in the body');
  const contentType = exchange.header('content-type');
  if (exchange.body.length === 0) return names.map(() => undefined);
  if (mediaType(contentType) !== JSON_BODY) {
    return new Problem('unsupported-media-type', `send ${JSON_BODY}, not ${contentType === '' ? 'nothing' : contentType}`);
  }
  const read = new Reading(names, undefined);
  return readJson(exchange.body, 'the body', read, isText) ?? read.parameters;
}

/** Reads the parameter `limit` of a list. */
export function readLimit(text: string | undefined, byDefault: number, max: number): number | Problem {
  if (text === undefined) return byDefault;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= max) return limit;
  return new Problem('invalid-parameter', `limit must be a whole number from 1 to ${max}`, 'limit');
}

/** What was read so far of a request's parameters. */
class Reading {
  readonly #names: readonly string[];
  readonly #repeated: string | undefined;
  readonly parameters: Parameters = [];
  readonly values: string[] = [];

  constructor(names: readonly string[], repeated: string | undefined) {
    this.#names = names;
    this.#repeated = repeated;
    for (let i = 0; i < names.length; i++) this.parameters.push(undefined);
  }

  /** Reads everything. Returns what is wrong with it, if something is. */
  all(exchange: Exchange): Problem | undefined {
    if (exchange.query !== '') {
      const problem = readForm(exchange.query, this);
      if (problem !== undefined) return problem;
    }
    return exchange.body.length === 0 ? undefined : readBody(exchange, this);
  }

  knows(name: string): boolean {
    return name === this.#repeated || this.#names.includes(name);
  }

  put(name: string, value: string): Problem | undefined {
    if (name === this.#repeated) return this.#putRepeated(name, value);
    const index = this.#names.indexOf(name);
    if (index === -1) return this.unknown(name);
    if (this.parameters[index] !== undefined) return duplicateParameter(name);
    this.parameters[index] = value;
    return undefined;
  }

  #putRepeated(name: string, value: string): Problem | undefined {
    if (this.values.length === VALUES_MAX) {
      return new Problem('too-many-parameters', `${name} is there more than ${VALUES_MAX} times`, name);
    }
    this.values.push(value);
    return undefined;
  }

  /** What is wrong with a name that none of the parameters has. */
  unknown(name: string): Problem {
    const names = this.#repeated === undefined ? this.#names : [this.#repeated, ...this.#names];
    return new Problem(
      'unknown-parameter',
      `${name.slice(0, NAME_SHOWN)} is none of the parameters, which are ${names.join(', ')}`,
    );
  }
}

function readBody(exchange: Exchange, into: Reading): Problem | undefined {
  const contentType = exchange.header('content-type');
  switch (mediaType(contentType)) {
    case FORM:
    case '':
      return readForm(latin1(exchange.body), into);
    case JSON_BODY:
      return readJson(exchange.body, 'the body', into);
    default:
      return new Problem('unsupported-media-type', `send ${FORM} or ${JSON_BODY}, not ${contentType}`);
  }
}

/** Whether a body is a form: it says so in the plainest way, or says nothing. */
export function isPlainlyForm(contentType: string): boolean {
  return contentType === FORM || contentType === '';
}

/** `Text/HTML ; charset=utf-8` as `text/html`. */
export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Reads `name=value&name=value` (WHATWG URL Standard, section 5.1), bytes in, text out. */
function readForm(form: string, into: Reading): Problem | undefined {
  for (let start = 0; start < form.length; ) {
    const ampersand = form.indexOf('&', start);
    const end = ampersand === -1 ? form.length : ampersand;
    if (end > start) {
      const equals = form.indexOf('=', start);
      const nameEnd = equals === -1 || equals > end ? end : equals;
      const valueStart = nameEnd < end ? nameEnd + 1 : end;
      const problem = putDecoded(form.slice(start, nameEnd), form.slice(valueStart, end), into);
      if (problem !== undefined) return problem;
    }
    start = end + 1;
  }
  return undefined;
}

function putDecoded(nameBytes: string, valueBytes: string, into: Reading): Problem | undefined {
  const name = decodeForm(nameBytes);
  if (name === undefined) return new Problem('malformed-body', 'the name of a parameter is not percent-encoded UTF-8');
  const value = decodeForm(valueBytes);
  if (value === undefined) return new Problem('invalid-parameter', `${name} is not percent-encoded UTF-8`, name);
  return into.put(name, value);
}

export function duplicateParameter(name: string): Problem {
  return new Problem('duplicate-parameter', `${name} is there more than once`, name);
}

function readJson(bytes: Uint8Array, what: string, into: Reading, isAllowed = isScalar): Problem | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return new Problem('malformed-body', `${what} is not UTF-8`);
  let value: unknown;
  try {
    value = parseJson(text, null, { parseNumber: (digits) => new JsonNumber(digits), onDuplicateKey: () => undefined });
  } catch (error) {
    // Beside syntax errors the parser throws a RangeError, when its recursion exhausts the stack.
    const why = error instanceof SyntaxError ? error.message : 'it is nested too deeply';
    return new Problem('malformed-body', `${what} is not JSON: ${why}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    return new Problem('malformed-body', `${what} is not a JSON object`);
  }
  for (const [name, member] of Object.entries(value)) {
    if (!into.knows(name)) return into.unknown(name);
    // What is let in are texts, numbers and booleans alone: an object may have a `toString` that is no function.
    if (!isAllowed(member)) {
      const types = isAllowed === isText ? 'a string' : 'a string, a number, true or false';
      return new Problem('invalid-parameter', `${name} must be ${types}`, name);
    }
    const problem = into.put(name, String(member));
    if (problem !== undefined) return problem;
  }
  const duplicate = duplicateName(text);
  return duplicate === undefined ? undefined : duplicateParameter(duplicate);
}

function isScalar(member: unknown): boolean {
  return typeof member === 'string' || typeof member === 'boolean' || member instanceof JsonNumber;
}

function isText(member: unknown): boolean {
  return typeof member === 'string';
}

const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * The first name that a JSON object has twice. The parser would take the last of the two.
 *
 * @param text an object of strings and numbers, in valid JSON: then every string in front of a
 *   colon is a name.
 */
function duplicateName(text: string): string | undefined {
  const names = new Set<string>();
  for (const [string, colon] of text.matchAll(STRING)) {
    if (colon === undefined) continue;
    const name = JSON.parse(string.slice(0, string.length - colon.length)) as string;
    if (names.has(name)) return name;
    names.add(name);
  }
  return undefined;
}

/** A number as it was written. */
class JsonNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }
}

const BAD_PERCENT = /%(?![0-9A-Fa-f]{2})/;

/** Bytes of a form's name or value as text; `undefined` for bad percent-encoding or UTF-8. */
function decodeForm(bytes: string): string | undefined {
  return decodePercent(bytes.replaceAll('+', ' '));
}

/** Bytes of a URL's part as text; `undefined` for bad percent-encoding or UTF-8. */
export function decodePercent(bytes: string): string | undefined {
  if (BAD_PERCENT.test(bytes)) return undefined;
  const decoded = bytes.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeUtf8(Buffer.from(decoded, 'latin1'));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
