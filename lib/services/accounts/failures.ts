import { Problem } from '../../http/problem.js';

/** How many wrong tokens an address may send in one window. */
const FAILURES_MAX = 20;

const WINDOW_MS = 60_000;

/** How many addresses are remembered. Beyond it the one whose window began first is forgotten. */
const ADDRESSES_MAX = 10_000;

/** What came from one address since its first failure. */
interface Window {
  readonly endMs: number;
  failures: number;
  /** The hashes of the wrong tokens; FAILURES_MAX of them are enough to know. */
  readonly guesses: Set<string>;
}

/**
 * Limits how many wrong tokens an address can try.
 *
 * Beyond FAILURES_MAX in a window a wrong token gets 429 in the place of 401. Beyond as many
 * *different* ones a right token gets it too, but for one that nobody can guess. A client that sends one
 * outdated token over and over guesses nothing, and shuts nobody out who shares its address.
 */
export class Failures {
  readonly #nowMs: () => number;
  /** The first to end first. */
  readonly #windows = new Map<string, Window>();
  /** How many of them have had too many guesses. */
  #shut = 0;

  /** @param nowMs a clock that is never put back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether there may be an address that can't try any token. O(1). */
  get anyIsShut(): boolean {
    return this.#shut > 0;
  }

  /** Why an address can't try any token now; `undefined` if it can. */
  refusal(address: string): Problem | undefined {
    const window = this.#windowOf(address);
    return window !== undefined && window.guesses.size >= FAILURES_MAX ? this.#tooMany(window) : undefined;
  }

  /** Notes a wrong token. Returns what to reply. */
  add(address: string, tokenHash: string): Problem {
    const window = this.#windowOf(address) ?? this.#open(address);
    if (window.guesses.size < FAILURES_MAX && window.guesses.add(tokenHash).size === FAILURES_MAX) this.#shut++;
    return ++window.failures > FAILURES_MAX ? this.#tooMany(window) : new Problem('unknown-token');
  }

  #windowOf(address: string): Window | undefined {
    const nowMs = this.#nowMs();
    for (const [other, window] of this.#windows) {
      if (window.endMs > nowMs) break;
      this.#forget(other, window);
    }
    return this.#windows.get(address);
  }

  #open(address: string): Window {
    if (this.#windows.size === ADDRESSES_MAX) {
      for (const [oldest, window] of this.#windows) {
        this.#forget(oldest, window);
        break;
      }
    }
    const window = { endMs: this.#nowMs() + WINDOW_MS, failures: 0, guesses: new Set<string>() };
    this.#windows.set(address, window);
    return window;
  }

  #forget(address: string, { guesses }: Window): void {
    this.#windows.delete(address);
    if (guesses.size === FAILURES_MAX) this.#shut--;
  }

  #tooMany({ endMs }: Window): Problem {
    const detail = `more than ${FAILURES_MAX} in ${WINDOW_MS / 1_000} s`;
    return new Problem('too-many-failures', detail, undefined, { reset_ms: Math.ceil(endMs - this.#nowMs()) });
  }
}
