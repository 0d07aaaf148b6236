import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { compare } from './comparison.js';
import { LAB, LAB_IDEAL_PER_S, labLoad } from './lab.js';
import { looks } from './lists.js';
import {
  autocannonLoad,
  autocannonPoints,
  hasPackage,
  isInstalled,
  redisIncr,
  wrk,
  wrkBatches,
  wrkPoints,
  wrkUser,
} from './load.js';
import { drainPause } from './pause.js';
import { duringTick, tickPause } from './points.js';
import { Subject } from './subject.js';

const MEMORY = fileURLToPath(new URL('./memory.js', import.meta.url));

const options = new Command('bench')
  .option('--trials <number>', 'trials of each contestant', '5')
  .option('--seconds <number>', 'length of a trial', '5')
  .option('--dirty <number>', 'counters in the measured drain', '100000')
  .option('--counters <number>', 'counters to load', '1000000')
  .option('--users <number>', 'users with points', '1000000')
  .parse()
  .opts<{ trials: string; seconds: string; dirty: string; counters: string; users: string }>();

const [cpu] = cpus();
console.log(`${cpu?.model.trim()}, ${cpus().length} cores; ${type()} ${release()}; Node ${process.version}`);

const measure = { trials: Number(options.trials), seconds: Number(options.seconds) };
const floor = { name: 'floor: bare uWebSockets.js', start: () => Subject.floor() };
const incrementer = { name: 'incrementer', start: () => Subject.incrementer() };
const guarded = { name: 'incrementer, --auth required', start: () => Subject.guarded() };
const wrkMissing = { missing: isInstalled('wrk') ? undefined : 'wrk' };
const autocannonMissing = { missing: hasPackage('autocannon') ? undefined : 'autocannon' };
const redisMissing = { missing: isInstalled('redis-server') ? undefined : 'redis-server' };

await compare({
  ...measure,
  title: 'POST /increment in memory, driven by wrk',
  connections: 100,
  contestants: [
    { ...floor, ...wrkMissing, load: wrk('memory') },
    { ...incrementer, ...wrkMissing, load: wrk('memory') },
  ],
});
await compare({
  ...measure,
  title: 'POST /increment in memory, driven by autocannon',
  connections: 100,
  contestants: [
    { ...floor, ...autocannonMissing, load: autocannonLoad },
    { ...incrementer, ...autocannonMissing, load: autocannonLoad },
  ],
});
await compare({
  ...measure,
  title: 'An Idempotency-Key with each, driven by wrk',
  connections: 100,
  contestants: [
    { ...incrementer, ...wrkMissing, name: 'incrementer, without keys', load: wrk('tagged') },
    { ...incrementer, ...wrkMissing, name: 'incrementer, with keys', load: wrk('idempotent') },
  ],
});
await compare({
  ...measure,
  title: 'POST /increment in memory where a token is required, driven by wrk',
  connections: 100,
  contestants: [
    { ...incrementer, ...wrkMissing, name: 'incrementer, --auth open', load: wrk('account') },
    { ...guarded, ...wrkMissing, load: wrk('account') },
  ],
});
await compare({
  ...measure,
  title: 'GET /user/ with a token, driven by wrk',
  connections: 400,
  contestants: [
    { ...floor, ...wrkMissing, load: wrkUser },
    { ...guarded, ...wrkMissing, load: wrkUser },
  ],
});
for (const connections of [100, 400]) {
  await compare({
    ...measure,
    title: 'On disk before the reply: wrk, redis-benchmark',
    connections,
    contestants: [
      { name: 'Redis INCR, appendfsync always', start: () => Subject.redis('always'), ...redisMissing, load: redisIncr() },
      { ...incrementer, ...wrkMissing, name: 'incrementer, durability=disk', load: wrk('disk') },
    ],
  });
}
await compare({
  ...measure,
  title: 'POST /increments, batches of 1000, in memory: wrk; beside Redis with 16 commands in flight on each connection',
  unit: 'increments',
  connections: 50,
  contestants: [
    { name: 'Redis INCR, pipeline of 16', start: () => Subject.redis('memory'), ...redisMissing, load: redisIncr(16) },
    { ...incrementer, ...wrkMissing, name: 'incrementer, NDJSON', load: wrkBatches('ndjson') },
    { ...incrementer, ...wrkMissing, name: 'incrementer, form', load: wrkBatches('form') },
  ],
});
const users = Number(options.users);
const points = { name: 'incrementer', start: () => Subject.points(users) };
await compare({
  ...measure,
  title: `GET /points of ${users} users, driven by wrk`,
  connections: 100,
  contestants: [
    { ...floor, ...wrkMissing, load: wrkPoints },
    { ...points, ...wrkMissing, load: wrkPoints },
  ],
});
const seedsRun = autocannonPoints(10_000);
await compare({
  ...measure,
  title: `GET /points of ${users} users, and a tick meanwhile, driven by autocannon`,
  length: '10000 requests',
  connections: 100,
  contestants: [
    { ...points, name: 'incrementer, between ticks', ...autocannonMissing, load: seedsRun },
    { ...points, name: 'incrementer, during a tick', ...autocannonMissing, load: duringTick(seedsRun) },
    { ...floor, ...autocannonMissing, load: seedsRun },
  ],
});
const tick = await tickPause(users);
console.log(
  `\nA tick over ${users} users: ${tick.drawMs.toFixed(0)} ms to draw, ${tick.writeMs.toFixed(0)} ms to write; longest pause of ` +
    `the serving thread ${tick.longestMs.toFixed(1)} ms (idle: ${tick.idleLongestMs.toFixed(1)} ms)`,
);

const lab = { start: () => Subject.lab(LAB.delayMs) };
const [serial = Number.NaN, async = Number.NaN] = await compare({
  ...measure,
  title: `The load lab: ${LAB.requests} requests in place of a time, ${LAB.delayMs} ms a use; autocannon`,
  connections: LAB.connections,
  contestants: [
    { ...lab, name: 'incrementer, serial', ...autocannonMissing, load: labLoad('serial') },
    { ...lab, name: 'incrementer, async', ...autocannonMissing, load: labLoad('async') },
  ],
});
if (autocannonMissing.missing === undefined)
  console.log(
    `\nSerial takes ${(LAB_IDEAL_PER_S / serial).toFixed(3)} times the ideal, which is ${LAB_IDEAL_PER_S} requests/s; ` +
      `async is ${(async / serial).toFixed(0)} times as fast as serial`,
  );

const dirty = Number(options.dirty);
const pause = await drainPause(dirty);
console.log(
  `\nA drain of ${dirty} dirty counters: ${pause.drainMs.toFixed(0)} ms, longest pause of the serving thread ` +
    `${pause.longestMs.toFixed(1)} ms (idle: ${pause.idleLongestMs.toFixed(1)} ms)`,
);

const count = Number(options.counters);
console.log(`\nLooking at ${count} counters, with the longest pause of the serving thread:`);
for (const { what, ms, longestMs } of await looks(count)) {
  console.log(`  ${what}: ${ms.toFixed(0)} ms, longest pause ${longestMs.toFixed(1)} ms`);
}
const loaded = load(count);
console.log(
  `${count} counters: loaded in ${(loaded.ms / 1e3).toFixed(2)} s (${Math.round(count / (loaded.ms / 1e3))} rows/s), ` +
    `${Math.round(loaded.bytes / count)} bytes of process memory each`,
);

/** Makes a file of `count` counters and has a fresh process load it. */
function load(count: number): { ms: number; bytes: number } {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const file = join(folder, 'numbers.db');
  const database = new Database(file);
  database.exec('CREATE TABLE numbers (key TEXT, value INTEGER DEFAULT 0)');
  const rows = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
  database.exec(`${rows} INSERT INTO numbers SELECT 'counter:' || i, i * 7919 % 1000003 FROM n`);
  database.exec('CREATE UNIQUE INDEX numbers_key_index ON numbers (key)');
  database.close();
  const output = execFileSync(process.execPath, ['--expose-gc', MEMORY, file, String(count)], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return JSON.parse(output) as { ms: number; bytes: number };
}
