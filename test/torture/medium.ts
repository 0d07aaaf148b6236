import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from './image.js';

/** Where the database is, and what a crash does to it. */
export interface Medium {
  /** What the server's environment needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly db: string;
  /** Begins anew with an empty folder. */
  begin(): void;
  /** The server has ended: does to the files what the crash does. */
  crash(): void;
  /** What crashes at other instants of the last run would have left, each with its instant. */
  otherCrashes(): Iterable<readonly [image: Image, crashMs: number]>;
  /** Leaves nothing behind. */
  end(): void;
}

/** A folder: what a killed process has written is there. */
export class Folder implements Medium {
  readonly env = {};
  #path = '';

  get db(): string {
    return join(this.#path, 'numbers.db');
  }

  begin(): void {
    this.end();
    this.#path = mkdtempSync(join(tmpdir(), 'incrementer-torture-'));
  }

  crash(): void {}

  *otherCrashes(): Iterable<readonly [image: Image, crashMs: number]> {}

  end(): void {
    if (this.#path !== '') rmSync(this.#path, { recursive: true });
    this.#path = '';
  }
}
