import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { askServer, ControlSocket } from '../../dist/http/control-socket.js';
import { JSON_TYPE } from '../../dist/http/exchange.js';
import { route } from '../contract/bare.js';

const ROUTES = [route({ path: '/hello', handle: (exchange) => exchange.reply(200, JSON_TYPE, '"hello"') })];

/** A file in a folder of its own, with a path of at least so many characters. */
function file(t: Test, length = 0): string {
  const folder = mkdtempSync(join(tmpdir(), 'control-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const deep = join(folder, ...Array<string>(Math.ceil(length / 50)).fill('d'.repeat(49)));
  mkdirSync(deep, { recursive: true });
  const db = join(deep, 'numbers.db');
  writeFileSync(db, '');
  return db;
}

async function listening(t: Test, db: string): Promise<ControlSocket> {
  const socket = new ControlSocket(ROUTES);
  t.teardown(() => socket.close());
  t.equal(await socket.listen(db), undefined);
  return socket;
}

for (const length of [0, 500]) {
  t.test(`a socket at a path of more than ${length} characters answers, and goes when it is closed`, async (t) => {
    const db = file(t, length);
    const socket = await listening(t, db);
    t.same(await askServer(db, 'GET', '/hello'), { status: 200, body: '"hello"' });
    t.same(readdirSync(join(db, '..')).sort(), ['numbers.db', 'numbers.db-control'], 'nothing else is there');
    socket.close();
    t.notOk(existsSync(`${db}-control`));
    t.equal(await askServer(db, 'GET', '/hello'), undefined, 'nobody answers');
  });
}

t.test('it is for the user of the system that made it, whatever new files are for', async (t) => {
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  const db = file(t);
  await listening(t, db);
  t.equal(lstatSync(`${db}-control`).mode & 0o777, 0o600);
});

t.test('one that was left behind makes room; anything else at its place stays', async (t) => {
  const db = file(t);
  const left = new ControlSocket(ROUTES);
  t.equal(await left.listen(db), undefined);
  const next = await listening(t, db);
  t.same(await askServer(db, 'GET', '/hello'), { status: 200, body: '"hello"' });
  next.close();

  writeFileSync(`${db}-control`, 'precious');
  t.match(await new ControlSocket(ROUTES).listen(db), /is there, and no socket/);
  t.equal(readFileSync(`${db}-control`, 'utf8'), 'precious');
  rmSync(`${db}-control`);
  mkdirSync(`${db}-control`);
  t.match(await new ControlSocket(ROUTES).listen(db), /is there, and no socket/);
  rmSync(`${db}-control`, { recursive: true });
  left.close();
});
