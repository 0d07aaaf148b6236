/**
 * The hash of a key, taken one character after the other: begin with 0, and end with `mixed`. It looks
 * at the whole key, as many differ in their middle alone, as in `page:4711:views`.
 *
 * @param code of a character; a byte, where the key is ASCII.
 */
export function withCode(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

/** 32 good bits, of which any can be taken. */
export function mixed(hash: number): number {
  const mix = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mix ^ (mix >>> 13);
}

export function hashOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = withCode(hash, key.charCodeAt(i));
  return mixed(hash);
}
