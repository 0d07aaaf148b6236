import { test } from 'tap';
import { pgbenchFigures } from '../../dist/bench/loads/pgbench.js';
import { redisFigures } from '../../dist/bench/loads/redis-benchmark.js';
import { siegeFigures } from '../../dist/bench/loads/siege.js';

/** What redis-benchmark 7.0.15 printed; of its second distribution, the beginning. */
const REDIS = `
====== incr key:__rand_int__ ======
  60000 requests completed in 1.39 seconds
  100 parallel clients
  37 bytes payload
  keep alive: 1
  host configuration "save":${' '}
  host configuration "appendonly": no
  multi-thread: no

Latency by percentile distribution:
0.000% <= 0.247 milliseconds (cumulative count 1)
50.000% <= 1.143 milliseconds (cumulative count 30043)
75.000% <= 1.471 milliseconds (cumulative count 45029)
99.219% <= 6.159 milliseconds (cumulative count 59532)
99.805% <= 36.319 milliseconds (cumulative count 59899)
99.902% <= 64.959 milliseconds (cumulative count 59945)
99.951% <= 65.247 milliseconds (cumulative count 59971)
100.000% <= 65.727 milliseconds (cumulative count 60000)

Cumulative distribution of latencies:
0.000% <= 0.103 milliseconds (cumulative count 0)
0.040% <= 0.303 milliseconds (cumulative count 24)
99.937% <= 65.119 milliseconds (cumulative count 59962)

Summary:
  throughput summary: 43103.45 requests per second
  latency summary (msec):
          avg       min       p50       p95       p99       max
        1.557     0.240     1.143     3.559     5.703    65.727
`;

test('redis-benchmark tells the rate, percentiles, and the tail in its distribution', async (t) => {
  t.same(redisFigures(REDIS), { requests: 60_000, seconds: 60_000 / 43_103.45, failed: 0, p50: 1.143, p99: 5.703, p999: 64.959 });
  t.throws(() => redisFigures('Could not connect to Redis'), /printed no/);
});

/** What siege 4.0.7 printed, with its tabs. */
const SIEGE = `
{\t"transactions":\t\t\t       13012,
\t"availability":\t\t\t       99.99,
\t"elapsed_time":\t\t\t        1.04,
\t"data_transferred":\t\t        0.53,
\t"response_time":\t\t        0.02,
\t"transaction_rate":\t\t    12511.54,
\t"throughput":\t\t\t        0.51,
\t"concurrency":\t\t\t      197.11,
\t"successful_transactions":\t       13010,
\t"failed_transactions":\t\t           1,
\t"longest_transaction":\t\t        0.09,
\t"shortest_transaction":\t\t        0.00
}
`;

test('siege tells no percentile; what was refused and what broke off has failed', async (t) => {
  t.same(siegeFigures(SIEGE), { requests: 13_012, seconds: 1.04, failed: 3, p50: null, p99: null, p999: null });
  t.throws(() => siegeFigures(''), /printed no transactions/);
});

/** What pgbench 15.18 printed. */
const PGBENCH = `pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: upsert.sql
scaling factor: 1
query mode: prepared
number of clients: 100
number of threads: 1
maximum number of tries: 1
number of transactions per client: 5
number of transactions actually processed: 500/500
number of failed transactions: 2 (0.400%)
latency average = 7.165 ms
initial connection time = 687.972 ms
tps = 13956.103721 (without initial connection time)
`;

test('pgbench tells the rate without connecting; percentiles are those of its log', async (t) => {
  const log = Array.from({ length: 1_000 }, (_, i) => `7 ${i} ${(1_000 - i) * 1_000} 0 1795281583 187453\n`).join('');
  const figures = pgbenchFigures(PGBENCH, log);
  t.same(figures, { requests: 500, seconds: 500 / 13_956.103721, failed: 2, p50: 500, p99: 990, p999: 999 });
  t.equal(pgbenchFigures(PGBENCH, '').p50, null);
  t.throws(() => pgbenchFigures('connection refused', ''), /printed no transactions/);
});
