import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from './subject.js';

/** What a server says of itself while something goes on. */
export interface Watched {
  /** Of the thread that serves. */
  readonly longestPauseMs: number;
  /** 0 where none ended meanwhile. */
  readonly longestDrainMs: number;
  /** Of all drains that ended meanwhile. */
  readonly drainedRows: number;
}

type Figure = 'at' | 'delay_max_ms' | 'drain_ms' | 'drained_rows';

/** The server takes a sample a second. */
const SAMPLE_MS = 1_000;

/** Does something, and looks at the server's samples of that time: ten minutes of them at the most. */
export async function watch<T extends object>(subject: Subject, something: () => Promise<T>): Promise<T & Watched> {
  const before = await samples(subject, 0);
  const result = await something();
  // What was last is in the sample that is still to come.
  await delay(SAMPLE_MS + 100);
  const during = await samples(subject, before.at.at(-1) ?? 0);
  return {
    ...result,
    longestPauseMs: Math.max(0, ...during.delay_max_ms),
    longestDrainMs: Math.max(0, ...during.drain_ms),
    drainedRows: during.drained_rows.reduce((sum, rows) => sum + rows, 0),
  };
}

async function samples({ port }: Subject, since: number): Promise<Record<Figure, number[]>> {
  const response = await fetch(`http://127.0.0.1:${port}/stats?since=${since}`);
  return ((await response.json()) as { samples: Record<Figure, number[]> }).samples;
}
