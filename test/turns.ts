import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop that pass when the test says so, and a clock that goes on by 1 ms with each look at it. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #ms = 0;

  readonly nowMs = (): number => this.#ms++;
  readonly turn = (): Promise<void> => new Promise((resolve) => this.#waiting.push(resolve));

  /** Lets one turn pass, with all that is done in it. Returns how many had waited for it. */
  async pass(): Promise<number> {
    await nextTurn();
    const waiting = this.#waiting.splice(0);
    for (const resolve of waiting) resolve();
    await nextTurn();
    return waiting.length;
  }

  /** Lets turns pass until nobody waits for one. Returns how many it took. */
  async passAll(): Promise<number> {
    let turns = 0;
    while ((await this.pass()) > 0) turns++;
    return turns;
  }
}
