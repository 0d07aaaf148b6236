/**
 * Random words that are the same for the same seed (xorshift, G. Marsaglia 2003). It uses nothing from
 * outside, so that its text can be given to another process.
 */
export function seeded(seed: number): (words: Uint32Array) => void {
  let state = (seed * 2_654_435_769) >>> 0 || 1;
  return (words) => {
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state = (state ^ (state << 5)) >>> 0;
      words[i] = state;
    }
  };
}

/** What a run with this seed draws, tick by tick, as it is meant to be: one number after the other. */
export function drawnBy(seed: number, users: number, ticks: number): { threshold: number; points: number[] }[] {
  const word = new Uint32Array(1);
  const fill = seeded(seed);
  const draw = (): number => {
    fill(word);
    // 2^32 is 68 more than a multiple of 101.
    return (word[0] as number) < 68 ? draw() : (word[0] as number) % 101;
  };
  return Array.from({ length: ticks }, () => ({ threshold: draw(), points: Array.from({ length: users }, draw) }));
}
