import type { Test } from 'tap';
import { type NodeProcess, nodeProgram } from '../node-process.js';
import type { Rows } from './store-file.js';

const PROGRAM = `
  import { SqliteStore } from './dist/store/sqlite/sqlite-store.js';
  import { NUMBERS } from './dist/services/counters/counter.js';
  const [, path, text] = process.argv;
  const { begins, batch } = JSON.parse(text);
  const store = new SqliteStore(path, [NUMBERS]);
  await store.open();
  await store.load(NUMBERS, () => undefined);
  if (begins) await store.begin();
  if (batch !== undefined) {
    const columns = [batch.rows.map(([key]) => key), batch.rows.map(([, value]) => value)];
    const slices = [{ table: 'numbers', length: batch.rows.length, columns, deleted: { length: 0, columns: [[]] } }];
    await store.commit({ seq: batch.seq, next: () => slices.shift(), seal: () => batch.ceilingSeq });
  }
  console.log('ready');
  setInterval(() => {}, 1000);
`;

export interface Holding {
  /** Whether it goes beyond loading. */
  readonly begins: boolean;
  /** What it commits. */
  readonly batch?: { readonly rows: Rows; readonly seq: number; readonly ceilingSeq: number };
}

/** A process that has a file open in a store, until it is ended. */
export async function holder(t: Test, path: string, holding: Holding): Promise<NodeProcess> {
  const process = nodeProgram(t, PROGRAM, path, JSON.stringify(holding));
  await process.printed('it has the file', ({ stdout }) => stdout.includes('ready'));
  return process;
}

/** Leaves a file as a process does that is killed. */
export async function crash(...parameters: Parameters<typeof holder>): Promise<void> {
  const process = await holder(...parameters);
  process.signal('SIGKILL');
  await process.exit;
}
