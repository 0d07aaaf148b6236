import { constants } from 'node:os';
import { type Test, test } from 'tap';
import type { World } from './counter-model.js';
import { OPERATIONS } from './fault-disk.js';
import { readImage, valuesOf } from './image.js';
import { Ledger } from './ledger.js';
import { Random } from './random.js';
import { TornDisk } from './torn-disk.js';
import { Victim } from './victim.js';
import { Witness } from './witness.js';

const { EIO, ENOSPC } = constants.errno;
const ERRORS = [EIO, ENOSPC];
const KEYS = ['a', 'b', 'c'];
const ARGS = ['--sync-interval', '1h', '--disk-timeout', '2s'];
/** Starts and stops that have one operation fail, of some dozens that there are. */
const TRIALS = 16;

function tornDisk(t: Test): TornDisk {
  const random = new Random(Random.seedFrom(process.env));
  t.comment(`TORTURE_SEED=${random.seed}`);
  const disk = new TornDisk(random, 0);
  disk.begin();
  t.teardown(() => disk.end());
  return disk;
}

/** Every n-th of the operations, so that there are so many trials. */
function sample(count: number): number[] {
  const step = Math.max(1, Math.floor(count / TRIALS));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

test('whichever operation of a start fails, the server serves what there was or ends with one line', {
  timeout: 120_000,
}, async (t) => {
  const disk = tornDisk(t);
  const start = () => new Victim(disk.db, ARGS, disk.env);
  const first = await start().serves();
  const witness = new Witness(first, new Ledger(), 2_000);
  for (const key of KEYS) await witness.write(key, 'disk');
  await first.end();
  const expected = valuesOf(readImage(disk.db).counters);

  disk.faults.fail({ operations: OPERATIONS, after: 1_000_000, count: 1, error: EIO });
  await (await start().serves()).end();
  const { seen } = disk.faults;
  t.ok(seen > 20, `a start takes ${seen} operations`);

  let refusals = 0;
  for (const [i, n] of sample(seen).entries()) {
    disk.faults.fail({ operations: OPERATIONS, after: n, count: 1, error: ERRORS[i % ERRORS.length] as number });
    const victim = start();
    const served = await victim.serves().catch(() => undefined);
    disk.faults.lift();
    if (served === undefined) {
      refusals++;
      t.equal(await victim.exit(), 1, `operation ${n}`);
      t.match(victim.stderr.replace(/^\{.*\n/gm, ''), /^incrementer: [^\n]+\n$/, `operation ${n}: one line beside the log`);
    } else {
      for (const [key, value] of Object.entries(expected)) {
        t.same(JSON.parse((await served.ask('GET', `/numbers/${key}`)).body), { key, value }, `operation ${n}`);
      }
      // Killed, so that the next start has a log to recover.
      await served.end();
    }
    const image = readImage(disk.db);
    t.same([image.integrity, valuesOf(image.counters)], ['ok', expected], `after operation ${n}`);
  }
  t.ok(refusals > 0, `${refusals} starts were refused`);
  const last = await start().serves();
  await last.ask('GET', '/healthz');
  t.equal(await last.end('SIGTERM'), 0);
  t.same(valuesOf(readImage(disk.db).counters), expected);
});

test('whichever operation of a stop fails, everything is on disk or the server says that it is not', {
  timeout: 120_000,
}, async (t) => {
  const disk = tornDisk(t);
  const start = () => new Victim(disk.db, ARGS, disk.env).serves();
  let counters: World = new Map();
  const ledger = new Ledger();
  /** Runs a server with something to write when it stops, and returns how the stop ended. */
  const run = async (after: number, error: number) => {
    const victim = await start();
    const witness = new Witness(victim, ledger, 2_000, counters);
    await witness.write('a', 'disk', false);
    await witness.write('b', 'memory');
    disk.faults.fail({ operations: OPERATIONS, after, count: 1, error });
    const status = await victim.end('SIGTERM');
    disk.faults.lift();
    counters = witness.counters;
    const image = readImage(disk.db);
    t.same(ledger.settle(image).violations, [], `operation ${after}`);
    return { status, image, stderr: victim.stderr };
  };
  t.equal((await run(1_000_000, EIO)).status, 0);
  const { seen } = disk.faults;
  t.ok(seen > 10, `a stop takes ${seen} operations`);
  for (const [i, n] of sample(seen).entries()) {
    const { status, image, stderr } = await run(n, ERRORS[i % ERRORS.length] as number);
    // A drain that fails once is tried again: what fails after it costs at most the mark of a clean stop.
    t.same(valuesOf(image.counters), valuesOf(counters), `operation ${n}`);
    if (status === 0) t.ok(image.clean, `operation ${n}: stopped in order`);
    else t.match(stderr, /^(\{.*\}\n)*\{"level":60,.*\}\n$/, `operation ${n}: ended with ${status} and a line of the log`);
  }
});

test('a stop on a disk that fails ends in time, and the server says that not everything is on disk', {
  timeout: 60_000,
}, async (t) => {
  const disk = tornDisk(t);
  const ledger = new Ledger();
  const victim = await new Victim(disk.db, [...ARGS, '--stop-timeout', '1s'], disk.env).serves();
  const witness = new Witness(victim, ledger, 2_000);
  await witness.write('a', 'disk', false);
  await witness.write('b', 'memory');
  disk.faults.fail({ operations: ['write', 'sync'], after: 0, count: -1, error: EIO });
  t.equal(await victim.end('SIGTERM'), 1);
  disk.faults.lift();
  t.match(victim.stderr, /not everything is on disk/);
  const image = readImage(disk.db);
  t.same(ledger.settle(image).violations, []);
  t.same(valuesOf(image.counters), { a: 1 }, 'what was acknowledged from memory is lost');
  t.notOk(image.clean);
});
