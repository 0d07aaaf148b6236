import { parse as parseJson } from 'lossless-json';
import type { Exchange } from './exchange.js';
import { Problem } from './problem.js';

/**
 * The values of a request's parameters, in the order of the names that were asked for; where one
 * was not sent, `undefined`. JSON numbers are here as they were written, so no digit is lost.
 */
export type Parameters = (string | undefined)[];

const FORM = 'application/x-www-form-urlencoded';
const JSON_BODY = 'application/json';

/**
 * Reads the parameters of a request from its query string and its body together: a form, or an
 * object in JSON. A body without a content type is taken for a form.
 *
 * @param names the parameters that there are; any other is a problem, and so is one sent twice.
 */
export function readParameters(exchange: Exchange, names: readonly string[]): Parameters | Problem {
  const values: Parameters = [];
  for (let i = 0; i < names.length; i++) values.push(undefined);
  if (exchange.query !== '') {
    const problem = readForm(exchange.query, names, values);
    if (problem !== undefined) return problem;
  }
  if (exchange.body.length === 0) return values;
  return readBody(exchange, names, values) ?? values;
}

function readBody(exchange: Exchange, names: readonly string[], into: Parameters): Problem | undefined {
  const contentType = exchange.header('content-type');
  switch (mediaType(contentType)) {
    case FORM:
    case '':
      return readForm(latin1(exchange.body), names, into);
    case JSON_BODY:
      return readJson(exchange.body, names, into);
    default:
      return new Problem('unsupported-media-type', `send ${FORM} or ${JSON_BODY}, not ${contentType}`);
  }
}

/** Whether a body is a form: it says so in the plainest way, or says nothing. */
export function isPlainlyForm(contentType: string): boolean {
  return contentType === FORM || contentType === '';
}

/** `Text/HTML ; charset=utf-8` as `text/html`. */
function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Reads `name=value&name=value` (WHATWG URL Standard, section 5.1), bytes in, text out. */
function readForm(form: string, names: readonly string[], into: Parameters): Problem | undefined {
  for (let start = 0; start < form.length; ) {
    const ampersand = form.indexOf('&', start);
    const end = ampersand === -1 ? form.length : ampersand;
    if (end > start) {
      const equals = form.indexOf('=', start);
      const nameEnd = equals === -1 || equals > end ? end : equals;
      const valueStart = nameEnd < end ? nameEnd + 1 : end;
      const problem = putDecoded(form.slice(start, nameEnd), form.slice(valueStart, end), names, into);
      if (problem !== undefined) return problem;
    }
    start = end + 1;
  }
  return undefined;
}

function putDecoded(nameBytes: string, valueBytes: string, names: readonly string[], into: Parameters): Problem | undefined {
  const name = decodeForm(nameBytes);
  if (name === undefined) return new Problem('malformed-body', 'the name of a parameter is not percent-encoded UTF-8');
  const value = decodeForm(valueBytes);
  if (value === undefined) return new Problem('invalid-parameter', `${name} is not percent-encoded UTF-8`, name);
  return put(names.indexOf(name), value, names, into);
}

function put(index: number, value: string, names: readonly string[], into: Parameters): Problem | undefined {
  if (index === -1) return new Problem('unknown-parameter', `the parameters are ${names.join(', ')}`);
  if (into[index] !== undefined) return duplicateParameter(names[index] as string);
  into[index] = value;
  return undefined;
}

function duplicateParameter(name: string): Problem {
  return new Problem('duplicate-parameter', `${name} is there more than once`, name);
}

function readJson(body: Uint8Array, names: readonly string[], into: Parameters): Problem | undefined {
  const text = decodeUtf8(body);
  if (text === undefined) return new Problem('malformed-body', 'the body is not UTF-8');
  let value: unknown;
  try {
    value = parseJson(text, null, { parseNumber: (digits) => new JsonNumber(digits), onDuplicateKey: () => undefined });
  } catch (error) {
    // Beside syntax errors the parser throws a RangeError, when its recursion exhausts the stack.
    const why = error instanceof SyntaxError ? error.message : 'it is nested too deeply';
    return new Problem('malformed-body', `the body is not JSON: ${why}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    return new Problem('malformed-body', 'the body is not a JSON object');
  }
  for (const [name, member] of Object.entries(value)) {
    const index = names.indexOf(name);
    if (index !== -1 && typeof member !== 'string' && !(member instanceof JsonNumber)) {
      return new Problem('invalid-parameter', `${name} must be a string or a number`, name);
    }
    const problem = put(index, String(member), names, into);
    if (problem !== undefined) return problem;
  }
  const duplicate = duplicateName(text);
  return duplicate === undefined ? undefined : duplicateParameter(duplicate);
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
