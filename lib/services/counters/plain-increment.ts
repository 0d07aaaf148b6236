import type { Int64 } from '../../engine/int64.js';
import { withCode } from '../../engine/key-hash.js';
import { toBytes } from '../../http/reply-buffer.js';
import type { Durability } from '../../writes/durability.js';
import type { Limits } from './bounds.js';
import { KEY_BYTES_MAX } from './key.js';
import type { Keys } from './keys.js';
import { hasAt, plainBut } from './plain-scanner.js';

export interface Increment {
  readonly key: string;
  readonly by: Int64;
  readonly durability: Durability;
  /** `undefined` for the plain one that nearly all are. */
  readonly limits: Limits | undefined;
}

/** Digits that fit a double whatever they are. */
const DIGITS_MAX = 15;

const AMPERSAND = 0x26;
const ZERO = 0x30;
const MINUS = 0x2d;

/** The bytes that stand for themselves in a form and in a JSON string. */
const PLAIN = plainBut('%+&"\\');

const KEY = toBytes('key=');
const VALUE = toBytes('&value=');
const ON_DISK = toBytes('&durability=disk');

/**
 * Reads the form that almost every increment is: `key=<plain>` or `key=<plain>&value=<digits>`,
 * perhaps with `&durability=disk`, in one pass over its bytes. Returns `undefined` for everything else, valid or not: that is for
 * readIncrement. The two agree on whatever both can read.
 */
export function readPlainIncrement(body: Uint8Array, keys: Keys, byDefault: Durability): Increment | undefined {
  if (!hasAt(body, 0, KEY)) return undefined;
  const start = KEY.length;
  const isOnDisk = hasAt(body, body.length - ON_DISK.length, ON_DISK);
  const durability = isOnDisk ? 'disk' : byDefault;
  const length = isOnDisk ? body.length - ON_DISK.length : body.length;
  let hash = 0;
  let end = start;
  for (; end < length; end++) {
    const byte = body[end] as number;
    if (PLAIN[byte] === 0) break;
    hash = withCode(hash, byte);
  }
  if (end === start || end - start > KEY_BYTES_MAX) return undefined;
  if (end === length) return { key: keys.text(body, start, end, hash), by: 1, durability, limits: undefined };
  if (body[end] !== AMPERSAND || !hasAt(body, end, VALUE)) return undefined;
  const by = readDigits(body, end + VALUE.length, length);
  return by === undefined ? undefined : { key: keys.text(body, start, end, hash), by, durability, limits: undefined };
}

/** The number that the bytes from `start` up to, not including, `end` are, if it is a short one. */
function readDigits(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const count = end - first;
  if (count < 1 || count > DIGITS_MAX) return undefined;
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return first > start && value !== 0 ? -value : value;
}
