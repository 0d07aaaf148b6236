import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './victim.js';

/** What operations there are, in the order of `enum kind` in fault-disk.c. */
export const OPERATIONS = ['open', 'read', 'write', 'truncate', 'sync', 'unlink'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Fault {
  /** Which operations count. */
  readonly operations: readonly Operation[];
  /** How many of them pass before. */
  readonly after: number;
  /** How many fail then; -1 for all until it is lifted. */
  readonly count: number;
  /** An errno, or 0 where the operation is only to take its time. */
  readonly error: number;
  readonly stallMs?: number;
  /** A write is half done before it fails. */
  readonly isTorn?: boolean;
  /** Only what is done to the database's own file counts: while a server runs, that is a checkpoint. */
  readonly isMainOnly?: boolean;
}

/** The fields of `struct control` in fault-disk.c, by their number. */
const AFTER = 0;
const LEFT = 1;
const SEEN = 7;
const FAILED = 8;
const KINDS_FAILED = 9;
const FIELDS = 10;
const FIELD_BYTES = 4;

/** A disk of a server's own that fails when it is asked to, and tells what was done to it: see fault-disk.c. */
export class FaultDisk {
  readonly env: Readonly<Record<string, string>>;
  readonly #log: string;
  readonly #control: number;

  /**
   * @param folder for what belongs to the disk; the database is not to be in it.
   * @param db the path of the database, without symbolic links.
   */
  constructor(folder: string, db: string) {
    const library = join(folder, 'fault-disk.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(ROOT, 'test', 'torture', 'fault-disk.c'), '-ldl']);
    const control = join(folder, 'control');
    this.#log = join(folder, 'log');
    writeFileSync(control, Buffer.alloc(FIELDS * FIELD_BYTES));
    writeFileSync(this.#log, '');
    this.#control = openSync(control, 'r+');
    this.env = { LD_PRELOAD: library, FAULT_DISK_DB: db, FAULT_DISK_LOG: this.#log, FAULT_DISK_CONTROL: control };
  }

  /** What was done to the disk since it was last taken. No server may run. */
  takeLog(): Buffer {
    const log = readFileSync(this.#log);
    truncateSync(this.#log);
    return log;
  }

  /** From now on operations are counted, and fail as told. */
  fail({ operations, after, count, error, stallMs = 0, isTorn = false, isMainOnly = false }: Fault): void {
    const kinds = operations.reduce((bits, operation) => bits | (1 << OPERATIONS.indexOf(operation)), 0);
    this.#put(LEFT, [0]);
    this.#put(AFTER + 2, [error, stallMs, kinds, isTorn ? 1 : 0, isMainOnly ? 1 : 0, 0, 0, 0]);
    this.#put(AFTER, [after]);
    this.#put(LEFT, [count]);
  }

  /** Nothing fails or stalls any more. */
  lift(): void {
    this.#put(LEFT, [0]);
  }

  /** Operations that were counted since `fail`. */
  get seen(): number {
    return this.#get(SEEN);
  }

  /** Operations that failed or stalled since `fail`. */
  get failed(): number {
    return this.#get(FAILED);
  }

  get operationsFailed(): Operation[] {
    const bits = this.#get(KINDS_FAILED);
    return OPERATIONS.filter((_, i) => bits & (1 << i));
  }

  close(): void {
    closeSync(this.#control);
  }

  #put(field: number, values: readonly number[]): void {
    writeSync(this.#control, Buffer.from(Int32Array.from(values).buffer), 0, values.length * FIELD_BYTES, field * FIELD_BYTES);
  }

  #get(field: number): number {
    const bytes = Buffer.alloc(FIELD_BYTES);
    readSync(this.#control, bytes, 0, FIELD_BYTES, field * FIELD_BYTES);
    return bytes.readInt32LE();
  }
}
