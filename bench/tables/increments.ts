import type { Table } from '../comparison.js';
import { autocannonIncrement } from '../loads/autocannon.js';
import { pgbench } from '../loads/pgbench.js';
import { redisIncr } from '../loads/redis-benchmark.js';
import { WRK } from '../loads/wrk.js';
import { redis, redisMissing, webdis, webdisMissing } from '../peers.js';
import { postgres, postgresMissing } from '../postgres.js';
import { CPU, PER_S, valuesOf } from '../quantities.js';
import { figure } from '../results.js';
import * as servers from '../servers.js';
import { IN_MEMORY_TITLE, ON_DISK_TITLE } from '../titles.js';
import { DISK, DURABILITY, FLOOR, GUARDED, MEMORY } from './contestants.js';
import { ratio } from './ratio.js';

const REDIS = { durability: DURABILITY.none, start: () => redis('memory'), missing: redisMissing } as const;

export const INCREMENT_TABLES: readonly Table[] = [
  {
    title: IN_MEMORY_TITLE,
    what: 'One increment of one of 1000 random keys for each request; wrk, for Redis redis-benchmark. The CPU of Webdis is that of its Redis too.',
    connections: 100,
    rows: [
      { ...FLOOR, load: WRK.memory },
      { ...MEMORY, load: WRK.memory },
      { name: 'node:http with a Map', durability: DURABILITY.none, start: servers.nodeMap, load: WRK.memory },
      { ...REDIS, name: 'Redis INCR', load: redisIncr() },
      { name: 'Webdis', durability: DURABILITY.none, start: webdis, missing: webdisMissing, load: WRK.webdis },
    ],
    figures: ([floor, own]) => [ratio("server CPU of an increment, of the floor's", CPU, own, floor, 'at most 1.10')],
  },
  {
    title: 'Increments in memory, driven by autocannon',
    what: 'The same by another generator, which costs more than the server.',
    connections: 100,
    isExtra: true,
    rows: [
      { ...FLOOR, load: autocannonIncrement },
      { ...MEMORY, load: autocannonIncrement },
    ],
  },
  onDisk(100, 'at least 1.0'),
  { ...onDisk(400, 'at least 1.3'), title: `${ON_DISK_TITLE}, 400 connections`, isExtra: true },
  {
    title: 'Batches of 1000 increments',
    what: 'POST /increments over 1000 random keys, latencies of a whole batch; Redis with 16 commands in flight on each connection.',
    unit: 'increments',
    connections: 50,
    rows: [
      { ...REDIS, name: 'Redis INCR, pipeline of 16', load: redisIncr(16) },
      { ...MEMORY, name: 'incrementer, NDJSON', load: WRK.ndjson },
      { ...MEMORY, name: 'incrementer, form', load: WRK.form },
    ],
    figures: ([redis, ndjson]) => [
      figure('increments/s of NDJSON', valuesOf(ndjson, PER_S), 'increments/s', 'at least 2,000,000'),
      ratio('the same, of those of Redis', PER_S, ndjson, redis, 'above 1'),
    ],
  },
  {
    title: 'An Idempotency-Key with each increment',
    what: 'A new key for each request, beside a header as long that means nothing.',
    connections: 100,
    rows: [
      { ...MEMORY, name: 'incrementer, without keys', load: WRK.tagged },
      { ...MEMORY, name: 'incrementer, with keys', load: WRK.idempotent },
    ],
    figures: ([without, keyed]) => [ratio('requests/s with keys, of those without', PER_S, keyed, without, 'at least 0.8')],
  },
  {
    title: 'A token with each increment',
    what: 'POST /increment with a token, asked for and not.',
    connections: 100,
    rows: [
      { ...FLOOR, load: WRK.account },
      { ...MEMORY, name: 'incrementer, --auth open', load: WRK.account },
      { ...GUARDED, load: WRK.account },
    ],
    figures: ([, open, required]) => [
      ratio('server CPU with --auth required, of that with --auth open', CPU, required, open, 'at most 1.2'),
    ],
  },
];

function onDisk(connections: number, toReach: string): Table {
  return {
    title: ON_DISK_TITLE,
    what: 'One increment of one of 1000 random keys for each request, committed and synced before the reply.',
    connections,
    rows: [
      {
        name: 'Redis INCR, appendfsync always',
        durability: DURABILITY.disk,
        start: () => redis('always'),
        missing: redisMissing,
        load: redisIncr(),
      },
      { ...DISK, load: WRK.disk },
      {
        name: 'PostgreSQL upsert, synchronous_commit=on',
        durability: DURABILITY.disk,
        start: () => postgres(connections),
        missing: postgresMissing,
        load: pgbench,
      },
    ],
    figures: ([redis, own]) => [ratio('requests/s on disk, of those of Redis', PER_S, own, redis, toReach)],
  };
}
