import { isAddressRange } from './http/client-address.js';

/*
 * How the text of an option is read. Each throws a RangeError that says what it must be.
 */

export function text(value: string): string {
  if (value === '') throw new RangeError('given');
  return value;
}

export function optionalText(value: string): string {
  return value;
}

export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) throw new RangeError(`a whole number from ${min} to ${max}`);
    return number;
  };
}

export function oneOf<const Names extends readonly string[]>(...names: Names): (value: string) => Names[number] {
  return (value) => {
    if (!names.includes(value)) throw new RangeError(`one of ${names.join(', ')}`);
    return value;
  };
}

/** Reads `a,b`, each one of these names; `all` is all of them. In their own order, each once. */
export function someOf<const Names extends readonly string[]>(...names: Names): (value: string) => readonly Names[number][] {
  return (value) => {
    const given = value.split(',');
    const unknown = given.filter((name) => name !== 'all' && !names.includes(name));
    if (unknown.length > 0) {
      const not = unknown.map((name) => JSON.stringify(name)).join(' or ');
      throw new RangeError(`some of ${names.join(', ')}, or all (${not} is none of them)`);
    }
    return names.filter((name) => given.includes('all') || given.includes(name));
  };
}

export function boolean(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new RangeError('true or false');
  return value === 'true';
}

/** Reads `127.0.0.1,10.0.0.0/8`; '' has none. */
export function addressRanges(value: string): readonly string[] {
  const all = value === '' ? [] : value.split(',');
  if (!all.every(isAddressRange)) throw new RangeError('an IP address, or a range such as 10.0.0.0/8');
  return all;
}

/** Reads `https://a.example,http://localhost:8080`; '' has none. */
export function origins(value: string): readonly string[] {
  if (value === '') return [];
  const all = value.split(',');
  if (!all.every((each) => each === '*' || isOrigin(each))) {
    throw new RangeError('an origin as browsers send it, such as https://app.example or http://localhost:8080, or *');
  }
  return all;
}

/** Whether a text is an origin in the one form that browsers send (WHATWG HTML, section 7.1.1): they are compared as text. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || /[A-Z*]/.test(text)) return false;
  const { protocol, host } = new URL(text);
  return host !== '' && text === `${protocol}//${host}`;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, '': 1_000 };

/** Longer ones overflow Node's timers, which then fire at once. */
const DURATION_MS_MAX = 2 ** 31 - 1;

/** Reads `500ms`, `5s`, `10m`, `24h`, or bare seconds. */
export function duration(value: string): number {
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|)$/.exec(value) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(ms >= 1 && ms <= DURATION_MS_MAX)) throw new RangeError('a time such as 500ms, 5s, 10m or 24h');
  return ms;
}

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20 };

/** A body is put together in memory, and twice. */
const SIZE_MAX = 2 ** 28;

/** Reads `500000`, `64KiB`, `16MiB`: bytes. */
export function size(value: string): number {
  const [, digits, unit] = /^(\d{1,9})(KiB|MiB|)$/.exec(value) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit ?? ''] ?? Number.NaN);
  if (!(bytes >= 1 && bytes <= SIZE_MAX)) throw new RangeError('a size such as 64KiB or 16MiB, 256MiB at the most');
  return bytes;
}
