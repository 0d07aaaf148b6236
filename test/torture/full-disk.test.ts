import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'tap';
import { readImage, valuesOf } from './image.js';
import { Ledger } from './ledger.js';
import { Victim } from './victim.js';
import { Witness } from './witness.js';

const KEYS = Array.from({ length: 200 }, (_, i) => `${i}-${'k'.repeat(100)}`);
const DISK_TIMEOUT_MS = 300;
const CHUNK = Buffer.alloc(4_096, 1);

/** Writes until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, CHUNK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

test('on a file system that is full the server counts on in memory, and writes everything when there is room', {
  timeout: 60_000,
  // In CI it is a failure not to be root.
  skip: process.getuid?.() === 0 || process.env.CI ? false : 'mounting a file system takes root',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  const db = join(folder, 'numbers.db');
  const ballast = join(folder, 'ballast');
  const ledger = new Ledger();
  const victim = new Victim(db, ['--sync-interval', '50ms', '--disk-timeout', `${DISK_TIMEOUT_MS}ms`]);
  t.teardown(async () => {
    if (!victim.hasExited) await victim.end();
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });
  await victim.serves();
  const witness = new Witness(victim, ledger, DISK_TIMEOUT_MS);
  await witness.write('first', 'disk');
  t.equal(witness.acknowledged, 1);

  for (let outage = 1; outage <= 2; outage++) {
    fill(ballast);
    // New keys need pages that there are none for. What room SQLite had left is used up first.
    for (let round = 0; await witness.isReady(); round++) {
      if (round === 100) throw new Error('it stays ready');
      await Promise.all(KEYS.map((key) => witness.write(`${outage}-${round}-${key}`, 'memory')));
      await delay(50);
    }
    const { refused } = witness;
    await witness.write('second', 'disk');
    t.equal(witness.refused, refused + 1, 'a write to disk is answered 503');
    await Promise.all(KEYS.map((key) => witness.write(key, 'memory')));
    t.notOk(await witness.isReady(), 'it is not ready');

    rmSync(ballast);
    await witness.recovered();
    await witness.write('third', 'disk');
    t.equal(witness.refused, refused + 1, 'it works again by itself');
    const image = readImage(db);
    t.equal(image.integrity, 'ok');
    t.same(valuesOf(image.counters), valuesOf(witness.counters), 'everything that was counted is on disk');
  }
  t.equal(await victim.end('SIGTERM'), 0);
  const image = readImage(db);
  t.ok(image.clean);
  t.same(valuesOf(image.counters), valuesOf(witness.counters));
  t.same(witness.violations, []);
  t.comment(`${witness.acknowledged} writes acknowledged, ${witness.refused} answered 503`);
});
