import { statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { type Test, test } from 'tap';
import { until } from '../condition.js';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { makeSeedFile } from '../store/store-file.js';
import { command, countedFile, fails, fileIn, post, stopped } from './command.js';

type Rows = Record<string, string>;

/** Every counter of a file, and its value in digits. */
function valuesOf(db: string): Rows {
  return withDatabase(db, (database) => {
    const rows = database.prepare('SELECT key, value FROM numbers').raw().safeIntegers().all() as [string, bigint][];
    return Object.fromEntries(rows.map(([key, value]) => [key, `${value}`]));
  });
}

function stateOf(db: string): unknown {
  return withDatabase(db, (database) => database.prepare('SELECT seq, ceiling_seq, clean FROM incrementer_state').get());
}

function endOf(db: string, key: string): unknown {
  return withDatabase(db, (database) =>
    database.prepare('SELECT expires_ms FROM incrementer_windows WHERE key = ?').pluck().get(key),
  );
}

async function imports(t: Test, db: string, input: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(t, ['import', '--db', db, ...args], { input });
  t.same({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
}

test('import adds what stdin has, and set sets it', async (t) => {
  const db = await countedFile(t, { a: 5, b: 7 });
  const input = '{"key":"a","value":2}\n{"value":"-3","key":"c"}\r\n\n  \n{"key":"a","value":10}';
  t.equal(await imports(t, db, input), 'imported 3 items: 1 counters are new\n');
  t.same(valuesOf(db), { a: '17', b: '7', c: '-3' });
  await imports(t, db, input, '--mode', 'set');
  t.same(valuesOf(db), { a: '10', b: '7', c: '-3' });
});

test('an import is a run that takes one seq and stops cleanly', async (t) => {
  const db = await countedFile(t, { a: 1, b: 2 });
  t.same(stateOf(db), { seq: 2, ceiling_seq: 2, clean: 1 });
  await imports(t, db, '{"key":"a","value":1}\n{"key":"b","value":1}\n');
  t.same(stateOf(db), { seq: 3, ceiling_seq: 3, clean: 1 });
  const server = await ServerProcess.serving(t, db);
  t.notOk(server.log().some(({ msg }) => `${msg}`.includes('did not stop cleanly')));
  t.same((await server.increment('a')).body, { key: 'a', value: 3, seq: 4 });
});

test('an import after a crash says what the crash lost, and takes a seq above all that were acknowledged', async (t) => {
  const killed = await ServerProcess.serving(t, fileIn(t), ['--sync-interval', '1h']);
  const { seq } = await post(killed, '/increment', { key: 'lost' });
  killed.signal('SIGKILL');
  await killed.exit;
  const { code, stderr } = await command(t, ['import', '--db', killed.db], { input: '{"key":"a","value":1}' });
  t.equal(code, 0);
  t.match(
    stderr,
    /^incrementer: [^\n]*did not stop cleanly: at most \d+ writes that were acknowledged from memory may be lost, beside what was acknowledged while the disk failed, if it did\n$/,
  );
  const state = stateOf(killed.db) as { seq: number };
  t.ok(state.seq > seq, `${state.seq} is above ${seq}`);
  t.same(state, { seq: state.seq, ceiling_seq: state.seq, clean: 1 });
});

test('import makes a file that is not there, and takes one that the seed made', async (t) => {
  const db = fileIn(t);
  await imports(t, db, '{"key":"a","value":1}');
  t.same(valuesOf(db), { a: '1' });
  const seeded = join(dirname(db), 'seeded.db');
  makeSeedFile(seeded, [['a', 41]]);
  await imports(t, seeded, '{"key":"a","value":1}');
  t.same(valuesOf(seeded), { a: '42' });
});

const EDGES: Rows = {
  plain: '1',
  'a,b': '2',
  'say "hi"': '-3',
  '"': '4',
  ' blanks ': '5',
  '🎉 und ü': '6',
  'line\u2028separator': '7',
  '=1+1': '0',
  max: '9223372036854775807',
  min: '-9223372036854775808',
  safe: '9007199254740991',
  unsafe: '-9007199254740993',
};

for (const format of ['ndjson', 'csv']) {
  test(`what is exported as ${format} is imported as it was`, async (t) => {
    const db = await countedFile(t, EDGES);
    const { stdout } = await command(t, ['export', '--db', db, '--format', format]);
    const copy = join(dirname(db), 'copy.db');
    const file = join(dirname(db), `numbers.${format}`);
    writeFileSync(file, stdout);
    const { code, stderr } = await command(t, ['import', file, '--db', copy]);
    t.same({ code, stderr }, { code: 0, stderr: '' });
    t.same(valuesOf(copy), EDGES);
  });
}

test('csv may have its columns in any order, a byte order mark, and either kind of line end', async (t) => {
  const db = fileIn(t);
  await imports(t, db, '\ufeffvalue,key\r\n1,a\n"2","b,c"\r\n\r\n3,"d ""e"""', '--format', 'csv');
  t.same(valuesOf(db), { a: '1', 'b,c': '2', 'd "e"': '3' });
});

test('the first line that is wrong ends an import, which then has changed nothing', async (t) => {
  const good = '{"key":"a","value":1}\n';
  const faults: [input: string | Uint8Array, line: RegExp, ...args: string[]][] = [
    [`${good}{"key":"b","value":1.5}`, /line 2: value must be a whole number/],
    [`${good}{"key":"b","value":9223372036854775808}`, /line 2: value must fit a signed 64-bit integer/],
    [`${good}${good}{"key":"a","value":9223372036854775807}`, /line 3: a is 7, and 9223372036854775807 more is outside/],
    [`${good}\n{"key":"b"}`, /line 3: value is missing/],
    [`${good}{"value":1}`, /line 2: key is missing/],
    [`${good}{"key":"","value":1}`, /line 2: key is empty/],
    [`${good}{"key":"two\\nlines","value":1}`, /line 2: key has a control character/],
    [`${good}{"key":"${'x'.repeat(513)}","value":1}`, /line 2: key is longer than 512 bytes/],
    [`${good}{"key":"b","value":1,"ttl":5}`, /line 2: it has a name that is not one of key, value, expires_ms/],
    [`${good}{"key":"b","key":"c","value":1}`, /line 2: key is there more than once/],
    [`${good}["b",1]`, /line 2: it is not a JSON object/],
    [`${good}{"key":"b",`, /line 2: it is not JSON/],
    [Buffer.from(`${good}{"key":"\xff","value":1}`, 'latin1'), /line 2: it is not UTF-8/],
    [`${good}${'x'.repeat(70_000)}\n${good}`, /line 2: it is longer than 65536 bytes/],
    [`${good}{"key":"b","value":1,"expires_ms":"soon"}`, /line 2: expires_ms must be a whole number/],
    [`${good}{"key":"b","value":1,"expires_ms":99999999999999}`, /line 2: expires_ms must be a time of day/],
    [`${good}{"key":"b","value":1,"expires_ms":-1}`, /line 2: expires_ms must be a time of day/],
    [`{"key":"a","value":1,"expires_ms":${Date.now() + 60_000}}`, /line 1: a counts without an end/],
    ['key,value\na,1\nb,x\n', /line 3: value must be a whole number/, '--format', 'csv'],
    ['key,value\na,1\nb\n', /line 3: it has 1 fields, and the first line 2/, '--format', 'csv'],
    ['key,value\na,1\n"b,2\n\nc,3\n', /line 3: a quote is out of place, or not closed/, '--format', 'csv'],
    ['key,value\na,1\n"b"x,2\n', /line 3: a quote is out of place/, '--format', 'csv'],
    ['key,value\na,1\n"two\nlines",2\n', /line 3: key has a control character/, '--format', 'csv'],
    ['key,value\n"two\r\n\nlines",2\nb,3', /line 2: key has a control character/, '--format', 'csv'],
    ['key,valeu\na,1\n', /line 1: "valeu" is no column; those are key, value, expires_ms/, '--format', 'csv'],
    ['key\na\n', /line 1: the column value is missing/, '--format', 'csv'],
    ['key,value,key\na,1,b\n', /line 1: the column key is there more than once/, '--format', 'csv'],
  ];
  const db = await countedFile(t, { a: 5 });
  const before = { values: valuesOf(db), state: stateOf(db) };
  for (const [input, line, ...args] of faults) {
    await fails(t, ['import', '--db', db, ...args], line, { input });
    t.same({ values: valuesOf(db), state: stateOf(db) }, before, `${line}`);
  }
});

test('an error names the file, and a file that can not be read is one', async (t) => {
  const db = await countedFile(t, { a: 5 });
  const file = join(dirname(db), 'bad.csv');
  writeFileSync(file, 'key,value\na,many\n');
  await fails(t, ['import', file, '--db', db], /^incrementer: [^\n]*bad\.csv, line 2: value must be a whole number/);
  await fails(t, ['import', join(dirname(db), 'none.csv'), '--db', db], /none\.csv can't be read: ENOENT/);
  await fails(t, ['import', dirname(db), '--db', db], /can't be read: EISDIR/);
  t.same(valuesOf(db), { a: '5' });
});

test('a counter that is imported with an end has it, one that has ended is left out, and one in the file begins anew', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t));
  for (const key of ['over', 'open']) await post(server, '/increment', { key, value: '100', ttl: '3600' });
  await stopped(server);
  const { db } = server;
  const open = endOf(db, 'open');
  withDatabase(db, (database) => database.exec("UPDATE incrementer_windows SET expires_ms = 1 WHERE key = 'over'"));
  const endMs = Date.now() + 60_000;
  const lines = [
    { key: 'new', value: 1, expires_ms: endMs },
    { key: 'ended', value: 1, expires_ms: 1_000 },
    { key: 'over', value: 1 },
    { key: 'open', value: 1, expires_ms: endMs },
  ];
  const input = lines.map((line) => JSON.stringify(line)).join('\n');
  t.equal(await imports(t, db, input), 'imported 4 items: 2 counters are new; 1 left out, as they have ended\n');
  t.same(valuesOf(db), { new: '1', over: '1', open: '101' });
  t.same(
    [endOf(db, 'new'), endOf(db, 'over'), endOf(db, 'open')],
    [endMs, undefined, open],
    'to add leaves the end that there is',
  );
  await imports(t, db, input, '--mode', 'set');
  t.equal(endOf(db, 'open'), endMs, 'to set sets it');
  const next = await ServerProcess.serving(t, db);
  const { value } = await post(next, '/increment', { key: 'new', ttl: '5' });
  t.equal(value, 2, 'it is a window');
});

test('import refuses while a server runs on the file, and says what to do', async (t) => {
  const server = await ServerProcess.serving(t, fileIn(t));
  await server.increment('a', 5);
  const line = new RegExp(`in use by process ${server.child.pid}: [^\\n]*POST /increments$`, 'm');
  await fails(t, ['import', '--db', server.db], line, { input: '{"key":"a","value":1}' });
  t.equal((await server.get('/numbers/a')).body.value, 5);
});

test('a kill in the middle of an import leaves the file as it was', async (t) => {
  const db = await countedFile(t, { a: 5 });
  const before = { values: valuesOf(db), state: stateOf(db) };
  const process = new NodeProcess(t, [EXECUTABLE, 'import', '--db', db]);
  process.child.stdin?.on('error', () => undefined); // It ends without having read all.
  // More than SQLite keeps in memory, so that some of it is in the log.
  for (let i = 0; i < 40; i++) {
    const lines = Array.from({ length: 1_000 }, (_, j) => `{"key":"${'k'.repeat(450)}${i}:${j}","value":1}\n`);
    process.child.stdin?.write(lines.join(''));
  }
  const probe = new Database(db, { timeout: 0 });
  t.teardown(() => probe.close());
  await until('the log has some of it', () => (statSync(`${db}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 2 ** 20);
  t.throws(() => probe.exec('BEGIN IMMEDIATE'), { code: 'SQLITE_BUSY' }, 'it is in its transaction');
  process.signal('SIGKILL');
  t.same(await process.exit, { code: null, signal: 'SIGKILL' });
  t.same({ values: valuesOf(db), state: stateOf(db) }, before);
  const server = await ServerProcess.serving(t, db);
  t.same((await server.increment('a')).body, { key: 'a', value: 6, seq: 2 });
});
