import { type Test, test } from 'tap';
import { type Version, VersionQueue } from '../../dist/engine/version-queue.js';
import { WriteBehind } from '../../dist/engine/write-behind.js';
import { CLEAN, type Dirtyable } from '../../dist/engine/write-queue.js';
import type { Table } from '../../dist/store/table.js';
import { until } from '../condition.js';
import { MemoryStore } from '../memory-store.js';

const TABLE: Table = {
  name: 'all',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'value', type: 'integer' },
  ],
  key: ['id'],
};

const ROWS = 3_500;
/** A batch of so many takes a store long. */
const MANY_ROWS = 70_000;
const LONG_MS = 600_000;

/** Rows from 0 on, each with the same value. */
function versionOf(value: number, length = ROWS): Version {
  return {
    length,
    columns: (from, to) => [Uint32Array.from({ length: to - from }, (_, i) => from + i), new Uint8Array(to - from).fill(value)],
  };
}

class Entry implements Dirtyable {
  dirtyIn = CLEAN;
  value = 0;
}

/** An engine with a table that changes as a whole, and another with one row beside it. */
function rigOf(t: Test) {
  const store = new MemoryStore();
  const writes = new WriteBehind({
    store,
    intervalMs: LONG_MS,
    waitMs: LONG_MS,
    queueCapacity: 2,
    nowMs: () => 0,
    onStoreChange: () => undefined,
  });
  const written: number[] = [];
  const queue = new VersionQueue({ table: TABLE, onWritten: () => written.push(store.commits.length) });
  writes.add(queue);
  const entry = new Entry();
  const beside = writes.queue({ table: { ...TABLE, name: 'beside' }, change: ({ value }: Entry) => [1, value] });
  writes.start(store.state);
  t.teardown(async () => {
    store.halting = false;
    store.failure = undefined;
    store.go();
    await writes.stop(LONG_MS);
  });
  /** Changes all rows, and the one beside them, in one write. */
  const put = (value: number): number => {
    beside.admit(entry);
    entry.value = value;
    queue.put(versionOf(value));
    return writes.stamp();
  };
  const durable = (seq: number) => new Promise<boolean>((resolve) => writes.whenDurable(seq, resolve));
  const stored = () => new Set([...store.rows].filter(([name]) => name.startsWith('all ')).map(([, row]) => row[1]));
  return { store, writes, queue, written, put, durable, stored };
}

test('a version is written whole, in one batch with what was written in its turn', async (t) => {
  const { store, writes, queue, written, put, durable, stored } = rigOf(t);
  t.equal(queue.hasRoom, true);
  const seq = put(1);
  t.equal(writes.status().queued, ROWS + 1, 'though the queues of entries hold two');
  t.equal(await durable(seq), true);
  t.same(store.commits, [{ seq, ceilingSeq: seq, rows: ROWS + 1 }]);
  t.same([...stored()], [1]);
  t.equal(store.rows.size, ROWS + 1);
  t.same(written, [1], 'its owner was told once');
  t.equal(queue.count, 0);
  t.equal(await durable(put(2)), true);
  t.same([...stored()], [2]);
});

test('there is no room for another until it is on disk', async (t) => {
  const { store, queue, written, put, durable, stored } = rigOf(t);
  store.halting = true;
  const done = durable(put(1));
  for (const point of ['begun', 'taken', 'landed']) {
    await until('the commit gets on', () => store.haltedAt === point);
    t.equal(queue.hasRoom, false, point);
    t.throws(() => queue.put(versionOf(2)), { message: /not on disk yet/ });
    t.same(written, []);
    store.go();
  }
  t.equal(await done, true);
  t.equal(queue.hasRoom, true);
  t.same([...stored()], [1]);
});

test('one that was put after the snapshot is in the next batch, as a whole', async (t) => {
  const { store, writes, queue, written, put, durable, stored } = rigOf(t);
  store.halting = true;
  const empty = durable(writes.stamp());
  await until('the commit gets on', () => store.haltedAt === 'begun');
  const seq = put(1);
  store.go();
  await until('the commit gets on', () => store.haltedAt === 'taken');
  store.halting = false;
  store.go();
  t.equal(await empty, true);
  t.same([...stored(), ...written], []);
  t.equal(queue.hasRoom, false);
  t.equal(await durable(seq), true);
  t.same([...stored()], [1]);
  t.same(
    store.commits.map(({ rows }) => rows),
    [0, ROWS + 1],
  );
});

test('after a failed commit it is tried again, from its first row', async (t) => {
  const { store, queue, written, put, durable, stored } = rigOf(t);
  await durable(put(1));
  store.failure = new Error('full');
  const done = durable(put(2));
  await until('it is tried again', () => store.attempts > 2);
  t.same([[...stored()], written, queue.hasRoom], [[1], [1], false]);
  store.failure = undefined;
  t.equal(await done, true);
  t.same([...stored()], [2]);
  t.equal(store.commits.at(-1)?.rows, ROWS + 1);
});

test('whoever writes for the first time while a long batch is written need not wait for its end', async (t) => {
  const { store, writes, queue } = rigOf(t);
  queue.put(versionOf(1, MANY_ROWS));
  const seq = writes.stamp();
  writes.drain();
  await until('rows are being written', () => store.attempts === 1 && store.isWriting);
  t.equal(writes.acknowledge(writes.stamp()), true, 'though the store can raise nothing now');
  t.equal(store.raise(seq + 5_000), false);
  t.equal(store.commits.length, 0);
  t.ok(store.state.ceilingSeq > seq, 'its number is below what was reserved before');
});
