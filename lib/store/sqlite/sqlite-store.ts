import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Batch, type Columns, type Store, StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import type { Answer, Request } from './messages.js';

/** Rows sent at once: copying and cloning them takes the serving thread 1 to 2 ms. */
const SLICE_ROWS = 4_096;

/** Slices sent ahead of the thread's answers: enough to keep it busy, few enough to bound memory. */
const SLICES_AHEAD = 4;

interface Asked {
  readonly resolve: (value: StoreState | Columns | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A store in one SQLite file, written by a thread of its own. */
export class SqliteStore implements Store {
  readonly #path: string;
  readonly #tables: readonly Table[];
  readonly #worker: Worker;
  /** Requests without an answer yet. The thread answers in order. */
  readonly #asked: Asked[] = [];
  #batches = 0;

  constructor(path: string, tables: readonly Table[]) {
    this.#path = path;
    this.#tables = tables;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url));
    this.#worker.on('message', (answer: Answer) => this.#answered(answer));
    // The thread catches what SQLite throws. Whatever else ends it is a broken invariant, and
    // there is nobody left to write: an error event without a listener stops the process.
  }

  async open(): Promise<StoreState> {
    return (await this.#ask({ type: 'open', path: this.#path, tables: this.#tables })) as StoreState;
  }

  async load(table: Table, onRows: (rows: Columns) => void): Promise<number> {
    const request: Request = { type: 'load', table, rowsMax: SLICE_ROWS };
    let count = 0;
    // One request ahead: the thread reads the next rows while these are taken in.
    let next = this.#ask(request);
    for (;;) {
      const rows = (await next) as Columns | undefined;
      if (rows === undefined) return count;
      next = this.#ask(request);
      onRows(rows);
      count += rows.length;
    }
  }

  async commit(batch: Batch): Promise<void> {
    const number = ++this.#batches;
    const ahead: Promise<unknown>[] = [];
    let slice = batch.next(SLICE_ROWS);
    try {
      for (;;) {
        const following = slice && batch.next(SLICE_ROWS);
        if (slice === undefined || following === undefined) break;
        ahead.push(this.#ask({ type: 'write', batch: number, slice }));
        slice = following;
        if (ahead.length === SLICES_AHEAD) await ahead.shift();
        else await nextTurn();
      }
      await Promise.all(ahead);
    } catch (error) {
      await Promise.allSettled(ahead);
      throw error;
    }
    await this.#ask({ type: 'commit', batch: number, slice, seq: batch.seq, ceilingSeq: batch.seal() });
  }

  async close(seq: number | undefined): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.#ask({ type: 'close', seq });
    await exited;
  }

  #ask(request: Request): Promise<StoreState | Columns | undefined> {
    const answer = new Promise<StoreState | Columns | undefined>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
    // Whoever asked awaits it, but perhaps only after a turn in which it has failed already.
    answer.catch(() => undefined);
    return answer;
  }

  #answered(answer: Answer): void {
    const asked = this.#asked.shift();
    if (asked === undefined) throw new Error('an answer that nobody asked for');
    if (answer.ok) asked.resolve(answer.value);
    else asked.reject(toError(answer));
  }
}

function toError(answer: Answer & { ok: false }): Error {
  if (answer.refusal) return new StoreRefusal(answer.code, answer.message);
  return Object.assign(new Error(answer.message), { code: answer.code });
}
