import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch, Columns, Store, StoreState } from '../dist/store/store.js';
import type { Table, Value } from '../dist/store/table.js';

export interface Commit {
  readonly seq: number;
  readonly ceilingSeq: number;
  readonly rows: number;
}

/** Where a commit has got to. `taken`: all rows are out of the batch; `landed`: they are on disk. */
export type Point = 'begun' | 'taken' | 'landed';

interface Stop {
  readonly point: Point;
  readonly go: (error?: Error) => void;
}

/**
 * A store whose disk is a Map. A test can make its commits fail, and can halt each commit at its
 * points and let it go on, or fail there.
 */
export class MemoryStore implements Store {
  /** What a crash would find now: rows by their table and key, `numbers a`. */
  readonly rows = new Map<string, readonly Value[]>();
  state: StoreState;
  /** The commits that landed. */
  readonly commits: Commit[] = [];
  /** How many commits were asked for. */
  attempts = 0;
  /** While it is set, every commit fails with it. */
  failure: Error | undefined;
  halting = false;
  /** A raise of the ceiling comes too late for whoever blocks for it, and happens later. */
  slow = false;
  #lateRaise: number | undefined;
  #inTransaction = false;
  closed: { seq: number | undefined } | undefined;
  /** How often the ceiling was raised at once. */
  raises = 0;
  /** How often it was looked whether a commit was done. */
  looks = 0;
  #stop: Stop | undefined;
  #sliceRows: number;

  constructor(state: StoreState = { seq: 0, ceilingSeq: 0, clean: true }, sliceRows = 1_000) {
    this.state = state;
    this.#sliceRows = sliceRows;
  }

  async open(): Promise<StoreState> {
    return this.state;
  }

  async begin(): Promise<void> {
    this.state = { seq: this.state.ceilingSeq, ceilingSeq: this.state.ceilingSeq, clean: false };
  }

  async load(_table: Table, _onRows: (rows: Columns) => void): Promise<number> {
    return 0;
  }

  async commit(batch: Batch): Promise<void> {
    this.attempts++;
    await this.#pass('begun');
    this.#inTransaction = true;
    try {
      await this.#write(batch);
    } finally {
      this.#inTransaction = false;
      if (this.#lateRaise !== undefined) this.#putCeiling(this.#lateRaise);
      this.#lateRaise = undefined;
    }
    await this.#pass('landed');
  }

  async #write(batch: Batch): Promise<void> {
    const rows: [name: string, values: Value[] | undefined][] = [];
    for (let slice = batch.next(this.#sliceRows); slice !== undefined; slice = batch.next(this.#sliceRows)) {
      const { table, length, columns, deleted } = slice;
      for (let row = 0; row < length; row++) {
        const values = columns.map((column) => column[row] as Value);
        rows.push([nameOf(table, values.slice(0, deleted.columns.length)), values]);
      }
      for (let row = 0; row < deleted.length; row++) {
        rows.push([
          nameOf(
            table,
            deleted.columns.map((column) => column[row] as Value),
          ),
          undefined,
        ]);
      }
      await nextTurn();
    }
    if (this.failure !== undefined) throw this.failure;
    const ceilingSeq = batch.seal();
    await this.#pass('taken');
    for (const [name, values] of rows) {
      if (values === undefined) this.rows.delete(name);
      else this.rows.set(name, values);
    }
    this.state = { seq: batch.seq, ceilingSeq, clean: false };
    this.commits.push({ seq: batch.seq, ceilingSeq, rows: rows.length });
  }

  look(): void {
    this.looks++;
  }

  raise(ceilingSeq: number): boolean {
    if (this.failure !== undefined) return false;
    if (!this.slow && !this.#inTransaction) {
      this.#putCeiling(ceilingSeq);
      this.raises++;
      return true;
    }
    // A thread that is busy with the end of a batch takes the raise next; in its middle it refuses.
    if (this.#stop?.point === 'taken') this.#lateRaise = ceilingSeq;
    return false;
  }

  #putCeiling(ceilingSeq: number): void {
    this.state = { ...this.state, ceilingSeq: Math.max(this.state.ceilingSeq, ceilingSeq) };
  }

  async close(seq: number | undefined): Promise<void> {
    this.closed = { seq };
  }

  /** Whether the rows of a batch are being written. */
  get isWriting(): boolean {
    return this.#inTransaction;
  }

  /** Where a commit is halted now. */
  get haltedAt(): Point | undefined {
    return this.#stop?.point;
  }

  /** Lets the halted commit go on, or fail at this point. */
  go(error?: Error): void {
    const stop = this.#stop;
    this.#stop = undefined;
    stop?.go(error);
  }

  #pass(point: Point): Promise<void> {
    if (!this.halting) return nextTurn();
    return new Promise((resolve, reject) => {
      this.#stop = { point, go: (error) => (error === undefined ? resolve() : reject(error)) };
    });
  }
}

function nameOf(table: string, key: readonly Value[]): string {
  return [table, ...key].join(' ');
}
