import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

/** How long something took, and how long the event loop's thread stopped meanwhile at the longest. */
export interface Pause {
  readonly ms: number;
  readonly longestMs: number;
}

export async function pauseIn(something: () => Promise<unknown>): Promise<Pause> {
  const pauses = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  pauses.enable();
  const startMs = performance.now();
  await something();
  const ms = performance.now() - startMs;
  pauses.disable();
  return { ms, longestMs: Math.max(0, pauses.max / 1e6 - RESOLUTION_MS) };
}
