import type { Result } from 'autocannon';
import { type Drive, type Figures, type Load, missingPackage } from '../load.js';

export const autocannonMissing = missingPackage('autocannon');

/** How often autocannon looks whether all is answered, in milliseconds: with its own second every run would take one. */
const SAMPLE_MS = 10;

/** What of a number of requests is sent to warm up. */
const WARM_UP_SHARE = 0.1;

/** POST /increment over 1000 random keys. */
export const autocannonIncrement: Load = {
  missing: autocannonMissing,
  threads: 1,
  command: (connections, seconds) =>
    `autocannon -c ${connections} -d ${seconds} -m POST http://127.0.0.1:PORT/increment, of 1000 bodies key=key000000&value=1 in turn`,
  run: async ({ port, connections, seconds }) => {
    const requests = Array.from({ length: 1_000 }, () => ({
      method: 'POST' as const,
      path: '/increment',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `key=key${String(Math.floor(Math.random() * 1e6)).padStart(6, '0')}&value=1`,
    }));
    const { default: autocannon } = await import('autocannon');
    return figuresOf(await autocannon({ url: `http://127.0.0.1:${port}`, connections, duration: seconds, requests }));
  },
};

/** So many requests of GET /points, however long they take. */
export function autocannonPoints(amount: number): Load {
  return {
    missing: autocannonMissing,
    threads: 1,
    command: (connections) => `autocannon -c ${connections} -a ${amount} http://127.0.0.1:PORT/points`,
    run: async ({ port, connections, rate }) => {
      const { default: autocannon } = await import('autocannon');
      const url = `http://127.0.0.1:${port}/points`;
      return figuresOf(await autocannon({ url, connections, amount: amountOf(amount, rate), sampleInt: SAMPLE_MS }));
    },
  };
}

/** So many requests to the load lab, from the first of them to the last reply: autocannon itself rounds up to seconds. */
export function labLoad(path: 'serial' | 'async', amount: number): Load {
  return {
    missing: autocannonMissing,
    threads: 1,
    command: (connections) => `autocannon -c ${connections} -a ${amount} http://127.0.0.1:PORT/part1/${path}`,
    run: async ({ port, connections, rate }) => {
      const { default: autocannon } = await import('autocannon');
      const startMs = performance.now();
      let lastMs = startMs;
      const url = `http://127.0.0.1:${port}/part1/${path}`;
      const result = await new Promise<Result>((resolve, reject) => {
        const run = autocannon({ url, connections, amount: amountOf(amount, rate) }, (error, result) => {
          if (error) reject(error);
          else resolve(result);
        });
        run.on('response', () => {
          lastMs = performance.now();
        });
      });
      return { ...figuresOf(result), seconds: (lastMs - startMs) / 1_000 };
    },
  };
}

function amountOf(amount: number, rate: Drive['rate']): number {
  return rate === undefined ? Math.ceil(amount * WARM_UP_SHARE) : amount;
}

function figuresOf({ requests, duration, errors, timeouts, non2xx, latency }: Result): Figures {
  return {
    requests: requests.total,
    seconds: duration,
    failed: errors + timeouts + non2xx,
    p50: latency.p50,
    p99: latency.p99,
    p999: latency.p99_9,
  };
}
