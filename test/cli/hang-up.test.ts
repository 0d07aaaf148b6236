import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import Database from 'better-sqlite3';
import { type Test, test } from 'tap';
import { until } from '../condition.js';
import { CertificateFiles, certFile, keyFile } from '../contract/certificates.js';
import { TRANSPORTS } from '../contract/service.js';
import { post, Wire } from '../contract/wire.js';
import { freePort } from '../free-port.js';
import { EXECUTABLE, ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';

async function connect(t: Test, { port }: ServerProcess): Promise<Wire> {
  const wire = await Wire.openSecure(port);
  t.teardown(() => wire.close());
  return wire;
}

/** How many lines of its log say something. */
function said(server: ServerProcess, what: RegExp): number {
  return server.log().filter(({ msg }) => what.test(`${msg}`)).length;
}

for (const transport of TRANSPORTS) {
  test(`SIGHUP has the certificate read again, with the transport ${transport}`, async (t) => {
    const files = new CertificateFiles(t);
    const { tlsCert, tlsKey, db } = files.options;
    const server = await ServerProcess.serving(t, db, ['--transport', transport, '--tls-cert', tlsCert, '--tls-key', tlsKey]);
    const old = await connect(t, server);
    t.equal((await old.exchange(post('key=a'))).status, 200);

    files.become('second', 'first');
    server.signal('SIGHUP');
    const [error] = await server.printed('it can not be used', () => {
      const lines = server.log().filter(({ msg }) => /the certificate stays as it was/.test(`${msg}`));
      return lines.length > 0 && lines;
    });
    t.match(JSON.stringify(error?.err), /does not fit/);
    t.equal((await connect(t, server)).serverName, 'first');

    files.become('second');
    server.signal('SIGHUP');
    await server.printed('it is read', () => said(server, /are read again/));
    t.equal((await connect(t, server)).serverName, 'second');
    t.match((await old.exchange(post('key=a'))).body, /"value":2/, 'the old connection goes on');

    server.signal('SIGTERM');
    t.same(await server.exit, { code: 0, signal: null });
  });
}

test('SIGHUP without TLS is a line in the log', async (t) => {
  const server = await ServerProcess.serving(t, join(t.testdir({}), 'numbers.db'));
  server.signal('SIGHUP');
  await server.printed('it says so', () => said(server, /nothing to read again/));
  t.equal((await server.increment('a')).status, 200);
});

test('SIGHUP to a server that is still starting is minded when it serves', async (t) => {
  const files = new CertificateFiles(t);
  const { tlsCert, tlsKey, db } = files.options;
  const before = await ServerProcess.serving(t, db);
  before.signal('SIGTERM');
  await before.exit;
  const lock = new Database(db);
  t.teardown(() => lock.close());
  lock.exec('BEGIN IMMEDIATE'); // The start has to wait, when it has read the certificate.

  const port = await freePort();
  const server = new ServerProcess(t, db, ['--port', `${port}`, '--tls-cert', tlsCert, '--tls-key', tlsKey]);
  const early = await until('it listens', () => Wire.openSecure(port).catch(() => undefined));
  t.teardown(() => early.close());
  t.match((await early.exchange(post('key=a'))).body, /"code":"loading"/);
  files.become('second');
  server.signal('SIGHUP');
  lock.exec('ROLLBACK');
  await server.printed('it is read', () => said(server, /are read again/));
  await server.serves();
  t.equal((await connect(t, server)).serverName, 'second');
});

// The program `script` makes a terminal; elsewhere than on Linux it takes other arguments.
const hasTerminal = process.platform === 'linux';

for (const format of ['pretty', 'json']) {
  const what = `a server whose terminal is closed stops with everything on disk, with a log that is ${format}`;
  test(what, { skip: !hasTerminal }, async (t) => {
    const db = join(t.testdir({}), 'numbers.db');
    const start = `${process.execPath} ${EXECUTABLE} start --port 0 --db ${db} --sync-interval 1h --log-format ${format}`;
    // Without the hook that the test runner has every process started with.
    const args = ['-u', 'NODE_OPTIONS', 'script', '-qfc', `echo pid $$; exec ${start}`, '/dev/null'];
    const terminal = spawn('env', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    t.teardown(() => terminal.kill('SIGKILL'));
    let printed = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const [pid, port] = await until('it serves', () => {
      const text = stripVTControlCharacters(printed);
      const [pid, port] = [/^pid (\d+)/, /port"?: ?(\d+)/].map((pattern) => Number(pattern.exec(text)?.[1]));
      return pid && port && ([pid, port] as const);
    });
    const isAlive = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    t.teardown(() => isAlive() && process.kill(pid, 'SIGKILL'));
    const body = new URLSearchParams({ key: 'a', value: '41' });
    t.equal((await fetch(`http://127.0.0.1:${port}/increment`, { method: 'POST', body })).status, 200);
    terminal.kill('SIGKILL');
    await until('it has ended', () => !isAlive());
    t.equal(
      withDatabase(db, (database) => database.prepare("SELECT value FROM numbers WHERE key = 'a'").pluck().get()),
      41,
    );
  });
}

test('a certificate without its key is refused at the start in one line', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  const server = new ServerProcess(t, db, [], { INCREMENTER_TLS_CERT: certFile('first') });
  t.same(await server.exit, { code: 2, signal: null });
  t.equal(server.stderr, 'incrementer: --tls-cert must be given with --tls-key\n');
});

test('a certificate that can not be used is refused at the start in one line', async (t) => {
  const db = join(t.testdir({}), 'numbers.db');
  const server = new ServerProcess(t, db, ['--tls-cert', certFile('first'), '--tls-key', keyFile('second')]);
  t.same(await server.exit, { code: 1, signal: null });
  t.match(server.stderr, /^incrementer: the key in [^\n]*second\.key does not fit[^\n]*first\.pem\n$/);
});
