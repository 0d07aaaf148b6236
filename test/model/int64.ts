/** Whether a total fits where the service keeps it. */
export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** A number as it stands in JSON: integers that a double can't hold are strings. */
export function json(value: bigint): string {
  return JSON.stringify(member(value));
}

/** The same as it is once the JSON was parsed. */
export function member(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value}`;
}
