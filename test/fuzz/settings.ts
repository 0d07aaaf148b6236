/** FUZZ_SEED=… repeats a run. */
export const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** FUZZ_REQUESTS=… makes a run longer, or shorter. */
export function requestsOr(byDefault: number): number {
  return Number(process.env.FUZZ_REQUESTS ?? byDefault);
}
