import type { WriteBehind } from '../../engine/write-behind.js';
import { Problem } from '../../http/problem.js';
import type { StoreState } from '../../store/store.js';

/**
 * Where the server is in its life. `finishing` is the first part of a stop: what has arrived is
 * still answered as usual.
 */
export type Phase = 'loading' | 'serving' | 'finishing' | 'stopping';

/** Knows how the server is, whatever state it is in. */
export class Monitor {
  readonly #writes: WriteBehind;
  phase: Phase = 'loading';
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

  /** What may lose counts; empty when nothing does. */
  troubles(): string[] {
    const { store, stalled } = this.#writes.status();
    return [...(store === 'failing' ? ['store-failing'] : []), ...(stalled ? ['drains-stalled'] : [])];
  }

  /** Why the server should get no traffic; empty when it should. */
  unreadiness(): string[] {
    if (this.phase === 'serving') return this.troubles();
    return [this.phase === 'loading' ? 'loading' : 'stopping', ...this.troubles()];
  }
}
