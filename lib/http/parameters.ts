import { parse as parseJson } from 'lossless-json';
import type { Exchange } from './exchange.js';
import { Problem } from './problem.js';

/** Parameters by name. JSON numbers are here as they were written, so no digit is lost. */
export type Parameters = ReadonlyMap<string, string>;

const FORM = 'application/x-www-form-urlencoded';
const JSON_BODY = 'application/json';

/**
 * Reads the parameters of a request from its query string and its body together: a form, or an
 * object in JSON. A body without a content type is taken for a form, as curl and siege send it.
 *
 * @param names the parameters that there are; any other is a problem, and so is one sent twice.
 */
export function readParameters(exchange: Exchange, names: readonly string[]): Parameters | Problem {
  const parameters = new Map<string, string>();
  if (exchange.query !== '') {
    const problem = readForm(exchange.query, names, parameters);
    if (problem !== undefined) return problem;
  }
  if (exchange.body === '') return parameters;
  return readBody(exchange, names, parameters) ?? parameters;
}

function readBody(exchange: Exchange, names: readonly string[], into: Map<string, string>): Problem | undefined {
  const contentType = exchange.header('content-type');
  if (contentType === FORM || contentType === '') return readForm(exchange.body, names, into);
  switch (mediaType(contentType)) {
    case FORM:
      return readForm(exchange.body, names, into);
    case JSON_BODY:
      return readJson(exchange.body, names, into);
    default:
      return new Problem('unsupported-media-type', `send ${FORM} or ${JSON_BODY}, not ${contentType}`);
  }
}

/** `Text/HTML ; charset=utf-8` as `text/html`. */
function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function put(name: string, value: string, names: readonly string[], into: Map<string, string>): Problem | undefined {
  if (!names.includes(name)) {
    return new Problem('unknown-parameter', `there is no parameter ${JSON.stringify(name)}: ${names.join(', ')} are known`);
  }
  if (into.has(name)) return new Problem('duplicate-parameter', `${name} is there more than once`, name);
  into.set(name, value);
  return undefined;
}

/** Reads `name=value&name=value` (WHATWG URL Standard, section 5.1), bytes in, text out. */
function readForm(form: string, names: readonly string[], into: Map<string, string>): Problem | undefined {
  for (let start = 0; start <= form.length; ) {
    const ampersand = form.indexOf('&', start);
    const end = ampersand === -1 ? form.length : ampersand;
    if (end > start) {
      const equals = form.indexOf('=', start);
      const nameEnd = equals === -1 || equals > end ? end : equals;
      const name = decodeForm(form.slice(start, nameEnd));
      const value = decodeForm(form.slice(Math.min(nameEnd + 1, end), end));
      if (name === undefined) return new Problem('malformed-body', 'a parameter has a name that is not percent-encoded UTF-8');
      if (value === undefined) return new Problem('invalid-parameter', `${name} is not percent-encoded UTF-8`, name);
      const problem = put(name, value, names, into);
      if (problem !== undefined) return problem;
    }
    start = end + 1;
  }
  return undefined;
}

function readJson(body: string, names: readonly string[], into: Map<string, string>): Problem | undefined {
  const text = decodeUtf8(body);
  if (text === undefined) return new Problem('malformed-body', 'the body is not UTF-8');
  let duplicate: string | undefined;
  let value: unknown;
  try {
    value = parseJson(text, null, {
      parseNumber: (digits) => new JsonNumber(digits),
      onDuplicateKey: ({ key }) => (duplicate ??= key),
    });
  } catch (error) {
    return new Problem('malformed-body', `the body is not JSON: ${error instanceof SyntaxError ? error.message : 'it is nested too deeply'}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    return new Problem('malformed-body', 'the body is not a JSON object');
  }
  if (duplicate !== undefined) return new Problem('duplicate-parameter', `${duplicate} is there more than once`, duplicate);
  for (const [name, member] of Object.entries(value)) {
    const problem =
      typeof member === 'string' || member instanceof JsonNumber
        ? put(name, String(member), names, into)
        : (put(name, '', names, into) ?? new Problem('invalid-parameter', `${name} must be a string or a number`, name));
    if (problem !== undefined) return problem;
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

const ENCODED = /[%+\x80-\xff]/;
const BAD_PERCENT = /%(?![0-9A-Fa-f]{2})/;

/** Bytes of a form's name or value as text; `undefined` for bad percent-encoding or UTF-8. */
function decodeForm(bytes: string): string | undefined {
  return ENCODED.test(bytes) ? decodePercent(bytes.replaceAll('+', ' ')) : bytes;
}

/** Bytes of a URL's part as text; `undefined` for bad percent-encoding or UTF-8. */
export function decodePercent(bytes: string): string | undefined {
  if (BAD_PERCENT.test(bytes)) return undefined;
  return decodeUtf8(bytes.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: string): string | undefined {
  try {
    return UTF8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}
