import { join } from 'node:path';
import { type Test, test } from 'tap';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';

const NO_DRAINS = ['--sync-interval', '1h'];

interface Recovered {
  readonly clean: boolean;
  readonly lost_at_most: number;
  readonly durable_seq: number;
}

/** What a server that serves says of the run before. */
async function recovered(server: ServerProcess): Promise<Recovered> {
  const { body } = await server.get('/durability');
  return (body as unknown as { recovered: Recovered }).recovered;
}

/** A start that is refused, until somebody repairs the row that it does not like. */
async function refusedAndRepaired(t: Test, db: string): Promise<ServerProcess> {
  withDatabase(db, (database) => database.exec("INSERT INTO numbers VALUES ('bad', 'many')"));
  const refused = new ServerProcess(t, db, NO_DRAINS);
  t.same(await refused.exit, { code: 1, signal: null });
  t.match(refused.stderr, /^(\{.*\n)*incrementer: [^\n]*has a row that is not [^\n]*'bad', 'many'[^\n]*\n$/);
  withDatabase(db, (database) => database.exec("DELETE FROM numbers WHERE key = 'bad'"));
  return refused;
}

test('what a killed run lost is still reported when the next start was refused', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  const killed = await ServerProcess.serving(t, db, NO_DRAINS);
  for (let i = 0; i < 10; i++) await killed.increment('a');
  killed.signal('SIGKILL');
  await killed.exit;

  const refused = await refusedAndRepaired(t, db);
  t.ok(
    refused.log().some(({ lostAtMost }) => (lostAtMost as number) >= 10),
    'the refused one has said it, too',
  );
  const server = await ServerProcess.serving(t, db, NO_DRAINS);
  const { clean, lost_at_most, durable_seq } = await recovered(server);
  t.equal(clean, false);
  t.ok(lost_at_most >= 10, `${lost_at_most} covers the 10 that were acknowledged`);
  t.equal(durable_seq, 0);
  t.ok(
    server.log().some(({ lostAtMost }) => lostAtMost === lost_at_most),
    'the log says the same',
  );
  t.ok((await server.increment('a')).body.seq > lost_at_most, 'no seq is used again');
});

test('a clean stop is still clean when the next start was refused', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  const stopped = await ServerProcess.serving(t, db, NO_DRAINS);
  for (let i = 0; i < 10; i++) await stopped.increment('a');
  stopped.signal('SIGTERM');
  t.same(await stopped.exit, { code: 0, signal: null });

  await refusedAndRepaired(t, db);
  const server = await ServerProcess.serving(t, db, NO_DRAINS);
  t.same(await recovered(server), { clean: true, lost_at_most: 0, durable_seq: 10 });
  t.same((await server.increment('a')).body, { key: 'a', value: 11, seq: 11 });
});
