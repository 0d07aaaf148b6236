import { setTimeout as delay } from 'node:timers/promises';

const CHECK_MS = 5;
const PATIENCE_MS = 30_000;

export type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

/** Waits until something is there or true, and returns it. Fails after half a minute. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<Truthy<T>> {
  const startMs = performance.now();
  for (;;) {
    const value = await condition();
    if (value) return value as Truthy<T>;
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`waited in vain: ${what}`);
    await delay(CHECK_MS);
  }
}
