import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { WriteBehind } from '../../dist/engine/write-behind.js';
import { ANYONE } from '../../dist/http/caller.js';
import type { Exchange } from '../../dist/http/exchange.js';
import type { Problem } from '../../dist/http/problem.js';
import { SqliteStore } from '../../dist/store/sqlite/sqlite-store.js';
import { IDEMPOTENCY, Idempotency } from '../../dist/writes/idempotency.js';
import { until } from '../condition.js';
import { keptKeys } from './written.js';

const TTL_MS = 1_000;
const SOME_DAY_MS = Date.parse('2026-11-21T08:00:00Z');

interface Options {
  readonly db?: string;
  readonly max?: number;
  readonly ttlMs?: number;
  readonly queueCapacity?: number;
}

/** Idempotency on a real file, at a time of day that the test says. */
class Rig {
  nowMs = SOME_DAY_MS;
  readonly db: string;
  readonly writes: WriteBehind;
  readonly idempotency: Idempotency;
  readonly #store: SqliteStore;

  private constructor(db: string, { max = 100, ttlMs = TTL_MS, queueCapacity = 1_000 }: Options) {
    this.db = db;
    this.#store = new SqliteStore(db, [IDEMPOTENCY]);
    this.writes = new WriteBehind({
      store: this.#store,
      intervalMs: 36_000_000,
      waitMs: 60_000,
      queueCapacity,
      nowMs: () => performance.now(),
      onStoreChange: () => undefined,
    });
    this.idempotency = new Idempotency({ writes: this.writes, ttlMs, max, wallMs: () => this.nowMs });
  }

  static async open(t: Test, options: Options = {}, nowMs = SOME_DAY_MS): Promise<Rig> {
    const rig = new Rig(options.db ?? join(t.testdir(), 'numbers.db'), options);
    rig.nowMs = nowMs;
    const state = await rig.#store.open();
    await rig.#store.load(IDEMPOTENCY, (rows) => {
      const fault = rig.idempotency.load(rows);
      if (fault !== undefined) throw new Error(fault);
    });
    await rig.#store.begin();
    rig.writes.start(state);
    rig.idempotency.start();
    return rig;
  }

  /** What a write with this key comes to: `made 3`, or `replayed made 1`, or a problem's code. */
  write(key: string, payload = 'payload'): Promise<string> {
    return new Promise((resolve) => {
      const exchange: Exchange = {
        caller: ANYONE,
        address: '127.0.0.1',
        parameter: () => '',
        query: '',
        body: new Uint8Array(0),
        requestId: '',
        header: (name) => (name === 'idempotency-key' ? key : ''),
        reply: (_status, _type, body, headers = {}) =>
          resolve(`${headers['Idempotency-Replayed'] === 'true' ? 'replayed ' : ''}${body}`),
        replyEmpty: () => t.fail('a write has a reply'),
        refuse: (problem: Problem) => resolve(problem.code),
        receive: () => t.fail('a write has its body'),
        onAbort: () => t.fail('a write is made, whether its client is there or not'),
        stream: () => t.fail('a write is no stream') as never,
      };
      this.idempotency.answer(exchange, payload, 'memory', () => {
        const seq = this.writes.stamp();
        return { seq, type: 'text/plain', body: `made ${seq}` };
      });
    });
  }

  async drained(): Promise<void> {
    const { seq } = this.writes.status();
    await new Promise<void>((resolve, reject) => {
      this.writes.whenDurable(seq, (onDisk) => (onDisk ? resolve() : reject(new Error('not on disk'))));
    });
    await nextTurn();
  }

  /** Drains until the file keeps these keys and no others. */
  async keeps(...keys: string[]): Promise<void> {
    await until(`the file keeps ${keys}`, () => {
      this.writes.drain();
      return keptKeys(this.db).join() === keys.join();
    });
  }

  async stop(): Promise<void> {
    this.idempotency.stop();
    await this.writes.stop(60_000);
    await this.#store.close(this.writes.status().seq);
  }
}

t.test('a key is kept for exactly its time', async (t) => {
  const rig = await Rig.open(t);
  t.equal(await rig.write('a'), 'made 1');
  rig.nowMs += TTL_MS - 1;
  t.equal(await rig.write('a'), 'replayed made 1', 'a millisecond before it is over');
  rig.nowMs += 1;
  t.equal(await rig.write('a'), 'made 2', 'when it is over');
  rig.nowMs += TTL_MS - 1;
  t.equal(await rig.write('a'), 'replayed made 2', 'and from then on for as long again');
  await rig.stop();
});

t.test('a repeat does not make a key live longer', async (t) => {
  const rig = await Rig.open(t);
  await rig.write('a');
  for (let i = 0; i < 9; i++) {
    rig.nowMs += TTL_MS / 10;
    t.equal(await rig.write('a'), 'replayed made 1');
  }
  rig.nowMs += TTL_MS / 10;
  t.equal(await rig.write('a'), 'made 2');
  await rig.stop();
});

t.test('what has expired leaves the file, what has not stays', async (t) => {
  const rig = await Rig.open(t);
  await rig.write('a');
  rig.nowMs += TTL_MS / 2;
  await rig.write('b');
  await rig.keeps('a', 'b');
  rig.nowMs += TTL_MS / 2;
  await rig.keeps('b');
  rig.nowMs += TTL_MS / 2;
  await rig.keeps();
  await rig.stop();
});

t.test('a key that is used again before its deletion is written is kept with its new write', async (t) => {
  const rig = await Rig.open(t);
  await rig.write('a', 'old');
  await rig.drained();
  rig.nowMs += TTL_MS;
  t.equal(await rig.write('a', 'new'), 'made 2', 'another payload: the old write is forgotten');
  await rig.drained();
  t.strictSame(keptKeys(rig.db), ['a']);
  await rig.stop();
  const next = await Rig.open(t, { db: rig.db }, rig.nowMs);
  t.equal(await next.write('a', 'new'), 'replayed made 2');
  t.equal(await next.write('a', 'old'), 'idempotency-key-reused');
  await next.stop();
});

t.test('beyond the most there may be a new key is refused, and makes no write, until one has expired', async (t) => {
  const rig = await Rig.open(t, { max: 2 });
  await rig.write('a');
  rig.nowMs += 1;
  await rig.write('b');
  t.strictSame([await rig.write('c'), rig.writes.status().seq], ['idempotency-full', 2]);
  t.strictSame(
    [await rig.write('a'), await rig.write('b')],
    ['replayed made 1', 'replayed made 2'],
    'the known ones are still known',
  );
  rig.nowMs += TTL_MS - 1;
  t.equal(await rig.write('a'), 'made 3', 'one has expired, and makes room for itself');
  t.equal(await rig.write('c'), 'idempotency-full');
  rig.nowMs += 1;
  await until('there is room again', async () => (await rig.write('c')) === 'made 4');
  await rig.stop();
});

t.test('where no more keys can wait for the disk, a new one is refused and makes no write', async (t) => {
  const rig = await Rig.open(t, { queueCapacity: 4 });
  // In one turn: a drain between two of them would make room.
  const [, , , , fifth] = ['a', 'b', 'c', 'd', 'e'].map((key) => rig.write(key));
  t.strictSame([await fifth, rig.writes.status().seq], ['queue-full', 4]);
  await until('the queue has room again', async () => (await rig.write('e')) === 'made 5');
  await rig.stop();
});

t.test('keys expire in the order of their time, whatever their order in the file', async (t) => {
  const rig = await Rig.open(t);
  await rig.write('early');
  rig.nowMs += TTL_MS / 2;
  await rig.write('other');
  await rig.drained();
  rig.nowMs += TTL_MS / 2;
  // Its row is the first of the file still, and is now the last to expire.
  t.equal(await rig.write('early'), 'made 3');
  await rig.stop();
  const next = await Rig.open(t, { db: rig.db }, rig.nowMs);
  next.nowMs += TTL_MS / 2;
  await next.keeps('early');
  t.equal(await next.write('other'), 'made 4');
  t.equal(await next.write('early'), 'replayed made 3');
  await next.stop();
});

t.test('after the retention was made shorter, keys expire after the shorter one', async (t) => {
  const rig = await Rig.open(t);
  await rig.write('old');
  await rig.stop();
  const next = await Rig.open(t, { db: rig.db, ttlMs: TTL_MS / 10, max: 2 });
  await next.write('new');
  await next.keeps('new', 'old');
  next.nowMs += TTL_MS / 10;
  await next.keeps();
  t.strictSame([await next.write('a'), await next.write('b'), await next.write('c')], ['made 3', 'made 4', 'idempotency-full']);
  await next.stop();
});

t.test('a key counts once within its time though the clock is put back', async (t) => {
  const rig = await Rig.open(t, { max: 4 });
  await rig.write('a');
  rig.nowMs -= TTL_MS * 3;
  await rig.write('b');
  for (let i = 0; i < 5; i++) {
    rig.nowMs += TTL_MS / 5 - 1;
    t.equal(await rig.write('b'), 'replayed made 2', 'it is kept for its time at the least');
  }
  rig.nowMs += TTL_MS * 4;
  await rig.keeps();
  const made = await Promise.all(['a', 'b', 'c', 'd'].map((key) => rig.write(key)));
  t.strictSame(made, ['made 3', 'made 4', 'made 5', 'made 6'], 'every one of the four places is free again');
  await rig.stop();
});
