import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { until } from '../condition.js';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { makeSeedFile } from '../store/store-file.js';
import { command, countedFile, fails, fileIn, post, shell, stopped } from './command.js';

const NO_DRAINS = ['--sync-interval', '1h'];

test('export writes a line for each counter, and a value beyond 2^53 as the API does', async (t) => {
  const db = await countedFile(t, {
    a: 1,
    'b "c", ü 🎉': -5,
    max: '9223372036854775807',
    min: '-9223372036854775808',
    safe: '9007199254740991',
    unsafe: '9007199254740992',
  });
  t.same(await command(t, ['export', '--db', db]), {
    code: 0,
    stderr: '',
    stdout:
      '{"key":"a","value":1}\n{"key":"b \\"c\\", ü 🎉","value":-5}\n{"key":"max","value":"9223372036854775807"}\n' +
      '{"key":"min","value":"-9223372036854775808"}\n{"key":"safe","value":9007199254740991}\n{"key":"unsafe","value":"9007199254740992"}\n',
  });
  t.same(readdirSync(dirname(db)).sort(), ['numbers.db', 'numbers.db-lock'], 'nothing else is left beside the file');
});

test('export writes csv with the columns in the first line, and quotes where it has to', async (t) => {
  const db = fileIn(t);
  makeSeedFile(db, [
    ['plain', 1],
    ['a,b', 2],
    ['say "hi"', -3],
    ['two\nlines', 4],
    ['🎉', 2n ** 63n - 1n],
  ]);
  const { stdout } = await command(t, ['export', '--db', db, '--format', 'csv']);
  t.equal(stdout, 'key,value,expires_ms\nplain,1,\n"a,b",2,\n"say ""hi""",-3,\n"two\nlines",4,\n🎉,9223372036854775807,\n');
});

test('export --prefix writes only the counters whose keys begin with it', async (t) => {
  const db = await countedFile(t, { 'views:a': 1, views: 2, 'views:b': 3, 'VIEWS:c': 4 });
  const { stdout } = await command(t, ['export', '--db', db, '--prefix', 'views:']);
  t.equal(stdout, '{"key":"views:a","value":1}\n{"key":"views:b","value":3}\n');
});

test('export writes when a counter ends, and leaves out what has ended', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  const beforeMs = Date.now();
  await post(server, '/increment', { key: 'long', value: '3', ttl: '3600' });
  await post(server, '/increment', { key: 'short', ttl: '3600' });
  await post(server, '/increment', { key: 'endless' });
  const afterMs = Date.now();
  await stopped(server);
  withDatabase(server.db, (database) => database.exec("UPDATE incrementer_windows SET expires_ms = 1 WHERE key = 'short'"));
  const { stdout } = await command(t, ['export', '--db', server.db]);
  const [long, ...others] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: string; expires_ms: number });
  t.match(long, { key: 'long', value: 3 });
  t.ok((long?.expires_ms ?? 0) >= beforeMs + 3_600_000 && (long?.expires_ms ?? 0) <= afterMs + 3_600_000, `${long?.expires_ms}`);
  t.same(others, [{ key: 'endless', value: 1 }]);
});

test("export from a running server's file is what is on disk", async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t), NO_DRAINS);
  await post(server, '/increment', { key: 'a', value: '2', durability: 'disk' });
  await post(server, '/increment', { key: 'in-memory' });
  t.equal((await command(t, ['export', '--db', server.db])).stdout, '{"key":"a","value":2}\n');
  await post(server, '/drain', {});
  t.equal((await command(t, ['export', '--db', server.db])).stdout, '{"key":"a","value":2}\n{"key":"in-memory","value":1}\n');
});

test('an export is of one instant, while batches come in', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t));
  // One key is before all others in the file, and one behind them.
  await post(server, '/increment', { key: 'first', durability: 'disk' });
  withDatabase(server.db, (database) =>
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      INSERT INTO numbers SELECT 'between' || i, i FROM n`),
  );
  let batches = 0;
  let isDone = false;
  const load = (async () => {
    const body = new URLSearchParams([
      ['key', 'first'],
      ['value', '1'],
      ['key', 'last'],
      ['value', '1'],
    ]);
    while (!isDone) {
      const response = await fetch(`http://127.0.0.1:${server.port}/increments?durability=disk`, { method: 'POST', body });
      if (response.status !== 200) throw new Error(await response.text());
      batches++;
    }
  })();
  await until('some batches', () => batches > 2);
  for (let i = 0; i < 3; i++) {
    const before = batches;
    const { stdout } = await command(t, ['export', '--db', server.db]);
    t.ok(batches > before, 'batches came in meanwhile');
    const values = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => Object.values(JSON.parse(line)) as [string, number]),
    );
    t.equal(values.get('first'), (values.get('last') ?? 0) + 1);
    t.equal(values.get('between50000'), 50_000);
  }
  isDone = true;
  await load;
});

test('export ends quietly when its reader has seen enough', async (t) => {
  const db = fileIn(t);
  makeSeedFile(
    db,
    Array.from({ length: 50_000 }, (_, i) => [`key${i}`, i] as const),
  );
  const script = `"$0" export --db "$1" | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = shell(script, db);
  t.match({ stdout, stderr }, { stdout: '{"key":"key0","value":0}\n0\n', stderr: '' });
});

test('export says when stdout can not be written', { skip: process.platform !== 'linux' }, async (t) => {
  const db = await countedFile(t, { a: 1 });
  const { status, stderr } = shell('"$0" export --db "$1" > /dev/full', db);
  t.equal(status, 1);
  t.match(stderr, /^incrementer: stdout can't be written: [^\n]*ENOSPC[^\n]*\n$/);
});

test('export refuses a file that is not there, and makes none', async (t) => {
  const db = fileIn(t);
  await fails(t, ['export', '--db', db], /numbers\.db does not exist$/m);
  t.same(readdirSync(dirname(db)), []);
});

test('export refuses a row that is not of its type, rather than leave it out', async (t) => {
  const db = fileIn(t);
  makeSeedFile(db, [['a', 1]]);
  withDatabase(db, (database) => database.exec("INSERT INTO numbers VALUES ('bad', 'many')"));
  await fails(t, ['export', '--db', db], /has a row that is not [^\n]*'bad', 'many'/);
  t.same(readdirSync(join(db, '..')), ['numbers.db']);
});
