import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { TRANSPORTS } from '../contract/service.js';
import { Closed, post, type Reply, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { durability, keyed } from './written.js';

const KILLS = 4;
const CLIENTS = 12;

/** How many requests are answered before a kill; a different number each time. */
const ANSWERED = [150, 61, 333, 97];

/** One write: its counter and its Idempotency-Key have the same name, and it is sent until it is answered. */
interface Attempt {
  readonly bytes: string;
  readonly isDisk: boolean;
  reply: Reply | undefined;
}

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, after a kill -9 a key and its write are both in the file or neither is`, async (t) => {
    const db = `${t.testdir()}/numbers.db`;
    const attempts = new Map<string, Attempt>();
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await ServerProcess.serving(t, db, ['--transport', transport, '--sync-interval', '20ms']);
      await untilKilled(t, server, attempts, kill);
      expectPairs(t, db, attempts);
    }
    await t.test('and what is sent again in the next run counts once', async (t) => {
      const server = await ServerProcess.serving(t, db, ['--transport', transport]);
      const wire = await Wire.open(server.port);
      t.teardown(() => wire.close());
      t.match((await durability(wire)).recovered, { clean: false }, 'the last run was killed');
      const kept = new Set(pairs(db).keys);
      const off: string[] = [];
      for (const [name, { bytes, reply }] of attempts) {
        const again = await wire.exchange(bytes);
        const isReplay = again.headers.get('idempotency-replayed') === 'true';
        const { value } = JSON.parse(again.body) as { value: number };
        const isRight = again.status === 200 && value === 1 && isReplay === kept.has(name);
        if (!isRight || (isReplay && reply !== undefined && reply.body !== again.body))
          off.push(`${name}: ${again.status} ${again.body}`);
      }
      t.strictSame(off, [], 'each counts once, and those in the file get their first reply');
      server.signal('SIGTERM');
      t.strictSame(await server.exit, { code: 0, signal: null });
      const { keys, counters } = pairs(db);
      t.strictSame([keys.length, counters.length], [attempts.size, attempts.size]);
    });
  });
}

/** Sends writes over several connections at once, and kills the server when enough are answered. */
async function untilKilled(t: Test, server: ServerProcess, attempts: Map<string, Attempt>, kill: number): Promise<void> {
  let answered = 0;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const wire = await Wire.open(server.port);
    try {
      for (let i = 0; ; i++) {
        const name = `${kill}-${client}-${i}`;
        const isDisk = client % 2 === 0;
        const attempt: Attempt = {
          bytes: post(`key=${name}${isDisk ? '&durability=disk' : ''}`, keyed(name)),
          isDisk,
          reply: undefined,
        };
        attempts.set(name, attempt);
        attempt.reply = await wire.exchange(attempt.bytes);
        answered++;
      }
    } catch (error) {
      if (!(error instanceof Closed)) throw error;
    } finally {
      wire.close();
    }
  });
  await until('enough requests are answered', () => answered >= (ANSWERED[kill] as number));
  server.signal('SIGKILL');
  await Promise.all(clients);
  t.strictSame((await server.exit).signal, 'SIGKILL');
}

function expectPairs(t: Test, db: string, attempts: ReadonlyMap<string, Attempt>): void {
  const { keys, counters, values } = pairs(db);
  t.strictSame(keys, counters, `${keys.length} keys and their ${counters.length} counters, none alone`);
  t.ok(
    values.every((value) => value === 1),
    'each has counted once',
  );
  const stored = new Set(counters);
  const onDisk = [...attempts].filter(([, { isDisk, reply }]) => isDisk && reply?.status === 200);
  t.ok(onDisk.length > 0, `${onDisk.length} writes were said to be on disk`);
  t.strictSame(
    onDisk.filter(([name]) => !stored.has(name)).map(([name]) => name),
    [],
    'and all of them are',
  );
  t.ok(
    [...attempts.keys()].some((name) => !stored.has(name)),
    'the kill came in the middle: some are not there',
  );
}

function pairs(db: string): { keys: string[]; counters: string[]; values: number[] } {
  return withDatabase(db, (file) => ({
    keys: file.prepare('SELECT key FROM incrementer_idempotency ORDER BY key').pluck().all() as string[],
    counters: file.prepare('SELECT key FROM numbers ORDER BY key').pluck().all() as string[],
    values: file.prepare('SELECT value FROM numbers ORDER BY key').pluck().all() as number[],
  }));
}
