import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { SqliteError } from 'better-sqlite3';
import { StoreRefusal, type StoreState } from '../store.js';
import type { BatchWriter } from './batch-writer.js';
import { SqliteFile } from './file.js';
import { type Answer, COMMITTED, RAISE_DONE, RAISE_NUMBER, type Request } from './messages.js';
import type { Page } from './table-reader.js';

/** The thread that owns the database file. See messages.ts for what it is asked. */
class StoreThread {
  #file: SqliteFile | undefined;
  #writer: BatchWriter | undefined;
  #loading: Generator<Page> | undefined;
  /** The batch that failed: what still comes of it is refused, and nothing of it is written. */
  #failedBatch = 0;

  answer(request: Request): Answer {
    try {
      return { ok: true, value: this.#do(request) };
    } catch (error) {
      if (request.type === 'write' || request.type === 'commit') this.#fail(request.batch);
      return failure(error);
    }
  }

  #do(request: Request): StoreState | Page | undefined {
    switch (request.type) {
      case 'open':
        this.#file = new SqliteFile(request.path, request.tables);
        return this.#file.state;
      case 'load':
        return this.#load(request);
      case 'begin':
        this.#writer = this.#opened().begin();
        return undefined;
      case 'write':
        this.#expect(request.batch).write(request.slice);
        return undefined;
      case 'commit':
        this.#expect(request.batch).commit(request.slice, request.seq, request.ceilingSeq);
        return undefined;
      case 'raise':
        this.#begun().raise(request.ceilingSeq);
        return undefined;
      case 'close':
        this.#file?.close(request.seq);
        return undefined;
    }
  }

  #load(request: Request & { type: 'load' }): Page | undefined {
    this.#loading ??= this.#opened().load(request.table, request.rowsMax);
    const { done, value } = this.#loading.next();
    if (!done) return value;
    this.#loading = undefined;
    return undefined;
  }

  #opened(): SqliteFile {
    if (this.#file === undefined) throw new Error('the store is not open');
    return this.#file;
  }

  #begun(): BatchWriter {
    if (this.#writer === undefined) throw new Error('the run has not begun');
    return this.#writer;
  }

  #expect(batch: number): BatchWriter {
    if (batch === this.#failedBatch) throw new Error('an earlier part of the batch failed');
    return this.#begun();
  }

  #fail(batch: number): void {
    this.#failedBatch = batch;
    this.#writer?.rollback();
  }
}

function failure(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof SqliteError || error instanceof StoreRefusal ? error.code : 'failed';
  return { ok: false, message, code, refusal: error instanceof StoreRefusal };
}

const port = parentPort as MessagePort;
const thread = new StoreThread();
const shared = workerData as Int32Array;

port.on('message', (request: Request) => {
  const answer = thread.answer(request);
  if (request.type === 'raise') {
    Atomics.store(shared, RAISE_DONE, answer.ok ? 1 : 0);
    Atomics.store(shared, RAISE_NUMBER, request.number);
    Atomics.notify(shared, RAISE_NUMBER);
    return;
  }
  if (request.type === 'commit' && answer.ok) Atomics.store(shared, COMMITTED, request.batch);
  port.postMessage(answer);
  if (request.type === 'close') port.close();
});
