import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Batch, type Columns, type Store, StoreRefusal, type StoreState } from '../store.js';
import type { Table } from '../table.js';
import { type Answer, COMMITTED, RAISE_DONE, RAISE_NUMBER, type Request, SHARED_SLOTS } from './messages.js';
import { type Page, parsePage } from './table-reader.js';

/** Rows sent at once: copying and cloning them takes the serving thread 1 to 2 ms. */
const SLICE_ROWS = 4_096;

/** Slices sent ahead of the thread's answers: enough to keep it busy, few enough to bound memory. */
const SLICES_AHEAD = 4;

interface Asked {
  readonly resolve: (value: StoreState | Page | undefined) => void;
  readonly reject: (error: Error) => void;
  /** Of the batch whose end was asked for. */
  readonly batch: number | undefined;
}

/** A store in one SQLite file, written by a thread of its own. */
export class SqliteStore implements Store {
  readonly #path: string;
  readonly #tables: readonly Table[];
  readonly #worker: Worker;
  /** Requests without an answer yet. The thread answers in order. */
  readonly #asked: Asked[] = [];
  #batches = 0;
  /** Answers that were seen in the shared memory, and are still to come. */
  #seen = 0;
  #raises = 0;
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_SLOTS * Int32Array.BYTES_PER_ELEMENT));

  constructor(path: string, tables: readonly Table[]) {
    this.#path = path;
    this.#tables = tables;
    // Flags of the program (a loader, a debugger's port) are not for this thread.
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: this.#shared,
      execArgv: [],
    });
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
      const page = (await next) as Page | undefined;
      if (page === undefined) return count;
      next = this.#ask(request);
      onRows(parsePage(page, table));
      count += page.length;
    }
  }

  async begin(): Promise<void> {
    await this.#ask({ type: 'begin' });
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
      // Where nothing was sent ahead, the whole batch goes out before this returns, see WriteBehind.
      if (ahead.length > 0) await Promise.all(ahead);
    } catch (error) {
      await Promise.allSettled(ahead);
      throw error;
    }
    await this.#ask({ type: 'commit', batch: number, slice, seq: batch.seq, ceilingSeq: batch.seal() });
  }

  raise(ceilingSeq: number, waitMs: number): boolean {
    // Wraps where the shared integer does.
    this.#raises = (this.#raises + 1) | 0;
    this.#worker.postMessage({ type: 'raise', number: this.#raises, ceilingSeq } satisfies Request);
    // An earlier raise that was given up may be the first to be done.
    const deadlineMs = performance.now() + waitMs;
    for (let done = Atomics.load(this.#shared, RAISE_NUMBER); done !== this.#raises; ) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return false;
      Atomics.wait(this.#shared, RAISE_NUMBER, done, leftMs);
      done = Atomics.load(this.#shared, RAISE_NUMBER);
    }
    return Atomics.load(this.#shared, RAISE_DONE) === 1;
  }

  look(): void {
    const [first] = this.#asked;
    if (first?.batch === undefined || Atomics.load(this.#shared, COMMITTED) !== first.batch) return;
    this.#asked.shift();
    this.#seen++;
    first.resolve(undefined);
  }

  async close(seq: number | undefined): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.#ask({ type: 'close', seq });
    await exited;
  }

  #ask(request: Request): Promise<StoreState | Page | undefined> {
    const answer = new Promise<StoreState | Page | undefined>((resolve, reject) => {
      this.#asked.push({ resolve, reject, batch: request.type === 'commit' ? request.batch : undefined });
      this.#worker.postMessage(request);
    });
    // Whoever asked awaits it, but perhaps only after a turn in which it has failed already.
    answer.catch(() => undefined);
    return answer;
  }

  #answered(answer: Answer): void {
    if (this.#seen > 0) {
      this.#seen--;
      return;
    }
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
