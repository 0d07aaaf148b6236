/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** `(min-max)`. */
export function spread(values: readonly number[], digits: number): string {
  return `(${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`;
}
