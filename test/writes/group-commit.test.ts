import { readFileSync } from 'node:fs';
import t from 'tap';
import { serve, TRANSPORTS } from '../contract/service.js';
import { post, type Reply } from '../contract/wire.js';
import { durability, stored } from './written.js';

const CLIENTS = 50;
const WRITES_EACH = 20;

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, many disk writes at once share few transactions`, async (t) => {
    const service = await serve(t, transport, { syncInterval: '10h' });
    const wire = await service.connect(t);
    const onDisk = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        const own = await service.connect(t);
        const key = `client-${client}`;
        for (let i = 1; i <= WRITES_EACH; i++) expectDurable(await own.exchange(post(`key=${key}&durability=disk`)), i);
        return stored(service.db, key);
      }),
    );
    t.strictSame(onDisk, new Array(CLIENTS).fill(WRITES_EACH), 'every write is on disk');
    const { seq, durable_seq: durableSeq, pending, last_drain: lastDrain } = await durability(wire);
    const writes = CLIENTS * WRITES_EACH;
    t.strictSame([seq, durableSeq, pending], [writes, writes, 0], 'every write was counted once');
    t.ok(lastDrain !== null && lastDrain.rows <= CLIENTS, 'a drain has one row for each counter that changed');
    const commits = transactions(service.db);
    t.comment(`${writes} writes in ${commits} transactions`);
    t.ok(commits > 0 && commits < writes / 5, `${writes} writes took ${commits} transactions`);
  });
}

function expectDurable({ status, body }: Reply, value: number): void {
  const reply = JSON.parse(body) as { value: number; durable: boolean };
  if (status !== 200 || reply.value !== value || reply.durable !== true) throw new Error(`${status} ${body}, not ${value}`);
}

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * How many transactions the write-ahead log of a database holds: a frame that ends one says in its
 * header how large the database then is (SQLite's file format, section 4.1). The log begins anew
 * after a thousand pages, which a few transactions of these here do not fill.
 */
function transactions(db: string): number {
  const wal = readFileSync(`${db}-wal`);
  const pageBytes = wal.readUInt32BE(8);
  let count = 0;
  for (let at = WAL_HEADER_BYTES; at < wal.length; at += FRAME_HEADER_BYTES + pageBytes) {
    if (wal.readUInt32BE(at + 4) !== 0) count++;
  }
  return count;
}
