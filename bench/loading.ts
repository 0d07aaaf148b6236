import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MEMORY = fileURLToPath(new URL('./memory.js', import.meta.url));

/** What it takes a fresh process to load so many counters. */
export interface Loading {
  readonly ms: number;
  /** By how much it grew. */
  readonly bytes: number;
}

/** @param file a database with so many counters. */
export async function loading(file: string, counters: number): Promise<Loading> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', MEMORY, file, `${counters}`]);
  return JSON.parse(stdout) as Loading;
}
