import type { Int64 } from '../../engine/int64.js';

/** Adds up any number of signed 64-bit integers, exactly: the sum may be larger than one of them can be. */
export class Sum {
  #safe = 0;
  #rest = 0n;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get value(): number | bigint {
    const sum = this.#rest + BigInt(this.#safe);
    const number = Number(sum);
    return Number.isSafeInteger(number) ? number : sum;
  }

  add(_key: string, value: Int64): void {
    this.#count++;
    const sum = typeof value === 'number' ? this.#safe + value : Number.NaN;
    if (Number.isSafeInteger(sum)) this.#safe = sum;
    else this.#rest += BigInt(value);
  }
}
