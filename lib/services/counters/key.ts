export const KEY_BYTES_MAX = 512;

/** Bytes of UTF-8 that one UTF-16 code unit takes at the most. */
const UTF8_BYTES_MAX = 3;

const CONTROL = /\p{Cc}/u;

/** What is wrong with a key; `undefined` if nothing is. */
export function keyFault(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.length * UTF8_BYTES_MAX > KEY_BYTES_MAX && Buffer.byteLength(key) > KEY_BYTES_MAX) {
    return `is longer than ${KEY_BYTES_MAX} bytes`;
  }
  if (CONTROL.test(key)) return 'has a control character in it';
  return key.isWellFormed() ? undefined : 'is not well-formed Unicode';
}
