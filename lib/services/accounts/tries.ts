import { groupOf } from '../../http/client-address.js';
import type { Exchange } from '../../http/exchange.js';
import type { Problem } from '../../http/problem.js';
import type { Failures } from './failures.js';

/**
 * A token of so many characters is not found by trying. One that is right lets its owner in from
 * any address; only short ones, which somebody has chosen, are refused where too many were tried.
 */
const UNGUESSABLE_LENGTH = 32;

/** What is tried with tokens, from where. */
export class Tries {
  readonly #failures: Failures;
  readonly #addressOf: (exchange: Exchange) => string;

  /** @param addressOf gives the address that a request came from. */
  constructor(failures: Failures, addressOf: (exchange: Exchange) => string) {
    this.#failures = failures;
    this.#addressOf = addressOf;
  }

  /** Why whoever has this token, which is right, is not to know it now. The address is looked at where any is shut. */
  refusal(exchange: Exchange, token: string): Problem | undefined {
    if (!this.#failures.anyIsShut || token.length >= UNGUESSABLE_LENGTH) return undefined;
    return this.#failures.refusal(groupOf(this.#addressOf(exchange)));
  }

  /** Notes a token that was not right, or that another has who is none of the caller's business. Returns what to reply to a wrong one. */
  failed(exchange: Exchange, tokenHash: string): Problem {
    return this.#failures.add(groupOf(this.#addressOf(exchange)), tokenHash);
  }
}
