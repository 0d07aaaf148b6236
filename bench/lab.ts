import type { Result } from 'autocannon';
import type { Load } from './load.js';

/** The exercise of the load lab, with a use of 200 ms in place of 500: 12 s are long enough. */
export const LAB = { requests: 3_000, connections: 50, delayMs: 200 } as const;

/** What serial can't be faster than, in requests a second: the connections never stand still. */
export const LAB_IDEAL_PER_S = LAB.connections / (LAB.delayMs / 1_000);

/** So many requests, however long they take. From the first of them to the last reply: autocannon itself rounds up to seconds. */
export function labLoad(path: 'serial' | 'async'): Load {
  return async (port, connections) => {
    const { default: autocannon } = await import('autocannon');
    const startMs = performance.now();
    let lastMs = startMs;
    const url = `http://127.0.0.1:${port}/part1/${path}`;
    const { errors, timeouts, non2xx, latency } = await new Promise<Result>((resolve, reject) => {
      const run = autocannon({ url, connections, amount: LAB.requests }, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
      run.on('response', () => {
        lastMs = performance.now();
      });
    });
    return {
      requests: LAB.requests,
      seconds: (lastMs - startMs) / 1_000,
      failed: errors + timeouts + non2xx,
      p50: latency.p50,
      p99: latency.p99,
      p999: latency.p99_9,
    };
  };
}
