import type { WriteBehind } from '../engine/write-behind.js';
import type { Exchange } from '../http/exchange.js';
import { Problem } from '../http/problem.js';
import { type Durability, refuseToWait, replyWhenDurable } from './durability.js';
import type { Idempotency, Written } from './idempotency.js';

/** Makes writes and replies to them: once for an Idempotency-Key, and when they are as durable as was asked. */
export class Writer {
  readonly #writes: WriteBehind;
  readonly #idempotency: Idempotency;

  constructor(writes: WriteBehind, idempotency: Idempotency) {
    this.#writes = writes;
    this.#idempotency = idempotency;
  }

  /** Whether the exchange asks to be counted once. */
  isOnce(exchange: Exchange): boolean {
    return this.#idempotency.isAsked(exchange);
  }

  /**
   * @param payload what the write does: the same Idempotency-Key with another one is refused.
   * @param write makes the write, or says why not. Called at most once, at once.
   */
  answer(exchange: Exchange, payload: () => string, durability: Durability, write: () => Written | Problem): void {
    if (this.#idempotency.isAsked(exchange)) return this.#idempotency.answer(exchange, payload(), durability, write);
    const refusal = refuseToWait(this.#writes, durability);
    if (refusal !== undefined) return exchange.refuse(refusal);
    const written = write();
    if (written instanceof Problem) return exchange.refuse(written);
    const { seq, type, body } = written;
    replyWhenDurable(exchange, this.#writes, seq, durability, () => exchange.reply(200, type, body));
  }
}
