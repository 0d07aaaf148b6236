import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriteBehind } from '#dist/engine/write-behind.js';
import { SqliteStore } from '#dist/store/sqlite/sqlite-store.js';
import type { Table } from '#dist/store/table.js';

const LONG_MS = 3_600_000;

/** An engine of this process, on a fresh file: nothing drains but what is asked for. */
export class Engine {
  readonly writes: WriteBehind;
  readonly #folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  readonly #store: SqliteStore;

  constructor(tables: readonly Table[], queueCapacity: number) {
    this.#store = new SqliteStore(join(this.#folder, 'numbers.db'), tables);
    this.writes = new WriteBehind({
      store: this.#store,
      intervalMs: LONG_MS,
      waitMs: LONG_MS,
      queueCapacity,
      nowMs: () => performance.now(),
      onStoreChange: (error) => {
        if (error !== undefined) throw error;
      },
    });
  }

  /** To be called when all queues are there. */
  async start(): Promise<void> {
    const state = await this.#store.open();
    await this.#store.begin();
    this.writes.start(state);
  }

  /** Drops what is not on disk, and the file with it. */
  async end(): Promise<void> {
    await this.#store.close(undefined);
    await this.writes.stop(1);
    rmSync(this.#folder, { recursive: true });
  }
}
