import type { WriteBehind } from '../../engine/write-behind.js';
import type { WriteBehindStatus } from '../../engine/write-behind-status.js';
import { Problem } from '../../http/problem.js';
import type { StoreState } from '../../store/store.js';

/**
 * Where the server is in its life. `finishing` is the first part of a stop: what has arrived is
 * still answered as usual.
 */
export type Phase = 'loading' | 'serving' | 'finishing' | 'stopping';

/** Why the server is not as it should be: stable words that programs can test. */
export type Reason = 'loading' | 'stopping' | 'store-failing' | 'drains-stalled';

/** Knows how the server is, whatever state it is in. */
export class Monitor {
  readonly #writes: WriteBehind;
  phase: Phase = 'loading';
  /** What the server is reached by; '' while it does not listen. */
  transport = '';
  /** What the run before left. */
  recovered: StoreState = { seq: 0, ceilingSeq: 0, clean: true };

  constructor(writes: WriteBehind) {
    this.#writes = writes;
  }

  serve(recovered: StoreState): void {
    this.recovered = recovered;
    this.phase = 'serving';
  }

  /** Why requests can't be answered now; `undefined` when they can. */
  refusal(): Problem | undefined {
    if (this.phase === 'loading') return new Problem('loading');
    return this.phase === 'stopping' ? new Problem('stopping') : undefined;
  }

  get store(): WriteBehindStatus['store'] {
    return this.#writes.status().store;
  }

  /** What may lose counts; empty when nothing does. */
  troubles(): Reason[] {
    const { store, stalled } = this.#writes.status();
    const reasons: Reason[] = store === 'failing' ? ['store-failing'] : [];
    return stalled ? [...reasons, 'drains-stalled'] : reasons;
  }

  /** Why the server should get no traffic; empty when it should. */
  unreadiness(): Reason[] {
    if (this.phase === 'serving') return this.troubles();
    return [this.phase === 'loading' ? 'loading' : 'stopping', ...this.troubles()];
  }
}
