/**
 * Signed 64-bit integers.
 *
 * An Int64 has one form per value: a `number` inside ±(2^53-1), where a double is exact, and a
 * `bigint` outside. Two equal Int64s are therefore `===`, and the common case never leaves
 * integer arithmetic.
 */
export type Int64 = number | bigint;

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

/** The sum, or `undefined` where it leaves the 64-bit range. */
export function add(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    // Two safe integers add up to less than 2^54. A sum that was rounded was rounded to an even
    // number of at least 2^53, so "safe" also proves "exact".
    if (Number.isSafeInteger(sum)) return sum;
  }
  return fromBigInt(BigInt(a) + BigInt(b));
}

/** The difference, or `undefined` where it leaves the 64-bit range. */
export function subtract(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference; // See add.
  }
  return fromBigInt(BigInt(a) - BigInt(b));
}

/** The canonical form of `value`, or `undefined` outside the 64-bit range. */
export function fromBigInt(value: bigint): Int64 | undefined {
  if (value > INT64_MAX || value < INT64_MIN) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Up to this many digits a decimal fits a double whatever the digits are. */
const SAFE_DIGITS = 15;
const DECIMAL = /^-?[0-9]+$/;

/**
 * Reads an optional minus sign and decimal digits, nothing else: no plus sign, no blanks, no
 * fraction, no exponent, no hex.
 *
 * @returns the value; `'malformed'` for any other text, `'range'` outside the 64-bit range.
 */
export function parse(text: string): Int64 | 'malformed' | 'range' {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = text.length - first;
  if (digits === 0 || digits > SAFE_DIGITS) return parseLong(text);
  let value = 0;
  for (let i = first; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return 'malformed';
    value = value * 10 + digit;
  }
  return first === 1 && value !== 0 ? -value : value;
}

const MINUS = 0x2d;
const ZERO = 0x30;

/** A decimal of this length is out of range unless it is padded with zeros; BigInt() is O(n^2). */
const LONGEST = 64;

function parseLong(text: string): Int64 | 'malformed' | 'range' {
  if (!DECIMAL.test(text)) return 'malformed';
  if (text.length > LONGEST) return 'range';
  return fromBigInt(BigInt(text)) ?? 'range';
}

/** The value as a JSON token: digits, and inside quotes where a double could not hold it. */
export function toJson(value: Int64): string {
  return typeof value === 'number' ? `${value}` : `"${value}"`;
}
