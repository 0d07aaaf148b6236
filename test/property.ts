import fc, { type RunDetails } from 'fast-check';
import type { Test } from 'tap';

/** Asserts that a property holds; if not, the message has the smallest counterexample and the seed. */
export function holds<T>(t: Test, property: fc.IProperty<T>, runs: number): void {
  const details = fc.check(property, { numRuns: runs });
  t.notOk(details.failed, fc.defaultReportMessage(details) ?? `holds in ${runs} runs`, reason(details));
}

/** The same for a property that takes time. */
export async function holdsAsync<T>(t: Test, property: fc.IAsyncProperty<T>, runs: number): Promise<void> {
  const details = await fc.check(property, { numRuns: runs });
  t.notOk(details.failed, (await fc.asyncDefaultReportMessage(details)) ?? `holds in ${runs} runs`, reason(details));
}

function reason<T>({ errorInstance }: RunDetails<T>): { error?: string } {
  return errorInstance === null || errorInstance === undefined ? {} : { error: String(errorInstance) };
}
