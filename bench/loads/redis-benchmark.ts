import { type Figures, type Load, missingProgram, output } from '../load.js';

/** What it is asked for a second of the warm-up: it takes a number of requests, not a time. */
const WARM_UP_PER_S = 30_000;

/** INCR over 1000 random keys, so many commands at a time on each connection. */
export function redisIncr(pipeline = 1): Load {
  const options = (connections: number, requests: number | string) =>
    ['-c', connections, '-n', requests, '-P', pipeline, '-r', 1_000, 'incr', 'key:__rand_int__'].map(String);
  return {
    missing: missingProgram('redis-benchmark'),
    threads: 1,
    command: (connections, seconds) =>
      `redis-benchmark -p PORT ${options(connections, 'N').join(' ')} (N: as many as take ${seconds} s)`,
    run: async ({ port, connections, seconds, rate = WARM_UP_PER_S * pipeline }) => {
      const requests = Math.max(connections * pipeline, Math.ceil(rate * seconds));
      return redisFigures(await output('redis-benchmark', ['-p', `${port}`, ...options(connections, requests)]));
    },
  };
}

/**
 * Figures of what redis-benchmark prints. The tail of the latencies is taken from its distribution:
 * the first of its steps that holds 99.9 % of them is at 99.902 %.
 */
export function redisFigures(printed: string): Figures {
  const number = (what: string, pattern: RegExp) => {
    const [, value] = pattern.exec(printed) ?? [];
    if (value === undefined) throw new Error(`redis-benchmark printed no ${what}:\n${printed}`);
    return Number(value);
  };
  const [, distribution = ''] = printed.split('Latency by percentile distribution:');
  const steps = [...distribution.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds/gm)].map(([, percent, ms]) => ({
    percent: Number(percent),
    ms: Number(ms),
  }));
  const requests = number('requests', /(\d+) requests completed/);
  const [, p50, p99] = /latency summary.*\n.*\n\s*[\d.]+\s+[\d.]+\s+([\d.]+)\s+[\d.]+\s+([\d.]+)/.exec(printed) ?? [];
  if (p50 === undefined || p99 === undefined) throw new Error(`redis-benchmark printed no latencies:\n${printed}`);
  return {
    requests,
    seconds: requests / number('throughput', /throughput summary: ([\d.]+)/),
    failed: 0,
    p50: Number(p50),
    p99: Number(p99),
    p999: steps.find(({ percent }) => percent >= 99.9)?.ms ?? null,
  };
}
