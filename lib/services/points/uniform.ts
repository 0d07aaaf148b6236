/** Words that are asked for at a time: 4 KiB, some microseconds of a cryptographic generator. */
const WORDS = 1_024;

/** Puts random bits into all words. */
export type RandomFill = (words: Uint32Array<ArrayBuffer>) => void;

/** Whole numbers, each as likely as any other. */
export class Uniform {
  readonly #fill: RandomFill;
  readonly #words = new Uint32Array(WORDS);
  #next = WORDS;

  constructor(fill: RandomFill) {
    this.#fill = fill;
  }

  /**
   * A number from 0 to `count - 1`; `count` is from 1 to 2^32 - 1.
   *
   * 2^32 is no multiple of `count`, so a remainder alone would favour the low numbers: that many of the
   * first words as are over are not taken, as in arc4random_uniform(3). Seldom more than one is needed.
   */
  below(count: number): number {
    const over = (-count >>> 0) % count;
    for (;;) {
      if (this.#next === WORDS) {
        this.#fill(this.#words);
        this.#next = 0;
      }
      const word = this.#words[this.#next++] as number;
      if (word >= over) return word % count;
    }
  }
}
