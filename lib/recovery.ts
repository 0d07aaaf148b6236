import type { StoreState } from './store/store.js';

/** What the last run lost, for a person; `undefined` when it stopped cleanly. */
export function recoveryNews({ seq, ceilingSeq, clean }: StoreState): string | undefined {
  if (clean) return undefined;
  const lost = ceilingSeq - seq;
  const what = lost === 0 ? 'nothing is lost' : `at most ${lost} writes that were acknowledged from memory may be lost`;
  return `the last run did not stop cleanly: ${what}, beside what was acknowledged while the disk failed, if it did`;
}
