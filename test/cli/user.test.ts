import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { NodeProcess } from '../node-process.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function fileIn(t: Test): string {
  return join(t.testdir({}), 'numbers.db');
}

/** Runs `incrementer user …`. */
async function user(t: Test, db: string, args: readonly string[], stdin = ''): Promise<Ran> {
  const process = new NodeProcess(t, [EXECUTABLE, 'user', ...args, '--db', db]);
  process.child.stdin?.end(stdin);
  const { code } = await process.exit;
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** What a server says of a token. */
async function whoIs(server: ServerProcess, token: string): Promise<number> {
  const headers = { Authorization: token };
  return (await fetch(`http://127.0.0.1:${server.port}/user/`, { headers })).status;
}

/** The names in what `user list` prints. */
function names({ stdout }: Ran): string[] {
  const lines = stdout.split('\n').slice(1, -1);
  return lines.map((line) => line.split(/\s+/)[1] as string);
}

const REQUIRED = ['--auth', 'required'];

test('the first admin is made before the server starts, and lets others in', async (t) => {
  const db = fileIn(t);
  const made = await user(t, db, ['add', 'root', '--scope', 'admin']);
  t.equal(made.code, 0, made.stderr);
  t.match(made.stdout, /^[\w-]{43}\n$/, 'the token alone, for a script');
  const token = made.stdout.trim();
  t.same(readdirSync(join(db, '..')).sort(), ['numbers.db', 'numbers.db-lock'], 'nothing else is left');
  const server = await ServerProcess.serving(t, db, REQUIRED);
  t.notOk(
    server.log().some(({ level }) => Number(level) >= 40),
    'no warnings',
  );
  t.equal(await whoIs(server, token), 200);
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  const body = JSON.stringify({ username: 'second', token: 'second-token', scope: 'admin' });
  t.equal((await fetch(`http://127.0.0.1:${server.port}/user/`, { method: 'POST', headers, body })).status, 201);
  t.equal(await whoIs(server, 'second-token'), 200);
});

test('users are made, listed and removed through a running server, at once', async (t) => {
  const db = fileIn(t);
  const server = await ServerProcess.serving(t, db, [...REQUIRED, '--sync-interval', '1h']);
  t.ok(
    server.log().some(({ msg }) => `${msg}`.includes('incrementer user add NAME --scope admin')),
    'it tells how to begin',
  );
  const made = await user(t, db, ['add', 'counting', '--prefix', 'views:']);
  t.equal(made.code, 0, made.stderr);
  t.match(made.stderr, /made the user counting \(1\): write, keys within views:/);
  t.equal(await whoIs(server, made.stdout.trim()), 200);
  const given = await user(t, db, ['add', 'reader', '--scope', 'read', '--token-stdin'], 'its own token'.replaceAll(' ', '-'));
  t.equal(given.stdout, '', 'a token that was given is not said again');
  t.equal(await whoIs(server, 'its-own-token'), 200);
  t.same(names(await user(t, db, ['list'])), ['counting', 'reader']);
  const removed = await user(t, db, ['remove', 'reader']);
  t.equal(removed.code, 0, removed.stderr);
  t.equal(await whoIs(server, 'its-own-token'), 401);
  t.same(names(await user(t, db, ['list'])), ['counting']);
  server.signal('SIGTERM');
  await server.exit;
  t.notOk(existsSync(`${db}-control`), 'the socket goes with the server');
  t.same(names(await user(t, db, ['list'])), ['counting'], 'the same from the file');
});

test('what was made survives a kill at once, and the socket that is left is in nobody’s way', async (t) => {
  const db = fileIn(t);
  const first = await ServerProcess.serving(t, db, [...REQUIRED, '--sync-interval', '1h']);
  const token = (await user(t, db, ['add', 'kept'])).stdout.trim();
  const gone = (await user(t, db, ['add', 'gone'])).stdout.trim();
  await user(t, db, ['remove', 'gone']);
  first.signal('SIGKILL');
  await first.exit;
  t.ok(existsSync(`${db}-control`));
  t.same(names(await user(t, db, ['list'])), ['kept'], 'from the file');
  const second = await ServerProcess.serving(t, db, REQUIRED);
  t.equal(await whoIs(second, token), 200);
  t.equal(await whoIs(second, gone), 401);
  t.equal((await user(t, db, ['add', 'third'])).code, 0);
  t.same(names(await user(t, db, ['list'])), ['kept', 'third']);
});

test('what can not be done is said in one line, and changes nothing', async (t) => {
  const db = fileIn(t);
  t.equal((await user(t, db, ['add', 'a', '--token-stdin'], 'token-a')).code, 0);
  const cases: [args: string[], stdin: string, says: RegExp][] = [
    [['add', 'a'], '', /a is taken/],
    [['add', 'b', '--token-stdin'], 'token-a', /another user has this token/],
    [['add', 'b', '--token-stdin'], 'two words', /visible ASCII/],
    [['add', 'b', '--token-stdin'], '', /visible ASCII/],
    [['add', '', '--scope', 'read'], '', /username is empty/],
    [['add', 'b', '--scope', 'root'], '', /Allowed choices are read, write, admin/],
    [['remove', 'nobody'], '', /there is no user nobody/],
  ];
  for (const [args, stdin, says] of cases) {
    const { code, stdout, stderr } = await user(t, db, args, stdin);
    t.not(code, 0, args.join(' '));
    t.match(stderr, says);
    t.equal(stdout, '');
  }
  t.same(names(await user(t, db, ['list'])), ['a']);
  for (const args of [['list'], ['remove', 'a']]) {
    const { code, stderr } = await user(t, `${db}2`, args);
    t.equal(code, 1);
    t.match(stderr, /does not exist/);
  }
  t.notOk(existsSync(`${db}2`), 'no file is made to look into');
});

test('no token is in the file, nor in what the server says', async (t) => {
  const db = fileIn(t);
  const server = await ServerProcess.serving(t, db, [...REQUIRED, '--log-level', 'trace']);
  const made = (await user(t, db, ['add', 'made'])).stdout.trim();
  await user(t, db, ['add', 'given', '--token-stdin'], 'given-token-77');
  await whoIs(server, made);
  await whoIs(server, 'given-token-77');
  await whoIs(server, 'wrong-token-77');
  server.signal('SIGTERM');
  await server.exit;
  const rows = withDatabase(db, (database) => JSON.stringify(database.prepare('SELECT * FROM incrementer_users').all()));
  for (const token of [made, 'given-token-77', 'wrong-token-77']) {
    t.notOk(rows.includes(token));
    t.notOk(server.stderr.includes(token));
    t.notOk(server.stdout.includes(token));
  }
});
