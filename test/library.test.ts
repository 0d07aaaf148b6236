import { join } from 'node:path';
import { test } from 'tap';
import { nodeProgram } from './node-process.js';
import { stored } from './writes/written.js';

/** Begins every program here: what it prints at the end is what a test sees. */
const BEGIN = `
  import { start } from 'incrementer';
  const seen = {};
  process.exit = () => { throw new Error('the library ends the process'); };
  const increment = async ({ port }, key) => {
    const response = await fetch('http://127.0.0.1:' + port + '/increment?key=' + key, { method: 'POST' });
    return (await response.json()).value;
  };
  const [a, b] = process.argv.slice(1);
`;

const END = 'console.log(JSON.stringify(seen));';

const PAIRS = [
  ['uws', 'node'],
  ['node', 'uws'],
  ['uws', 'uws'],
  ['node', 'node'],
] as const;

for (const [one, other] of PAIRS) {
  test(`two servers in one process, over ${one} and ${other}, know nothing of each other`, async (t) => {
    const folder = t.testdir();
    const [a, b] = [join(folder, 'a.db'), join(folder, 'b.db')];
    const program = nodeProgram(
      t,
      `${BEGIN}
      const first = await start({ port: 0, db: a, transport: '${one}' });
      const second = await start({ port: 0, db: b, transport: '${other}' });
      seen.before = [await increment(first, 'k'), await increment(second, 'k'), await increment(second, 'k')];
      seen.closed = await first.close();
      seen.isGone = await increment(first, 'k').then(() => false, () => true);
      seen.after = await increment(second, 'k');
      seen.closedToo = await second.close();
      ${END}`,
      a,
      b,
    );
    t.same(await program.exit, { code: 0, signal: null }, program.stderr);
    t.same(JSON.parse(program.stdout), { before: [1, 1, 2], closed: true, isGone: true, after: 3, closedToo: true });
    t.equal(stored(a, 'k'), 1);
    t.equal(stored(b, 'k'), 3);
  });
}

test('a second server on the same file is refused, in the same process too, and the first goes on', async (t) => {
  const db = join(t.testdir(), 'numbers.db');
  const program = nodeProgram(
    t,
    `${BEGIN}
    const first = await start({ port: 0, db: a });
    const error = await start({ port: 0, db: a, transport: 'node' }).catch((error) => error);
    seen.refusal = [error.name, error.code];
    seen.value = await increment(first, 'k');
    await first.close();
    const next = await start({ port: 0, db: a });
    seen.next = await increment(next, 'k');
    await next.close();
    ${END}`,
    db,
  );
  t.same(await program.exit, { code: 0, signal: null }, program.stderr);
  t.same(JSON.parse(program.stdout), { refusal: ['StoreRefusal', 'in-use'], value: 1, next: 2 });
});

for (const transport of ['uws', 'node']) {
  test(`over ${transport} a server leaves the process as it was, and lets it end when it is closed`, async (t) => {
    const db = join(t.testdir(), 'numbers.db');
    const program = nodeProgram(
      t,
      `${BEGIN}
      // Whoever uses fetch or stdout has listeners of these: that is not the server's doing.
      process.stdout;
      await fetch('http://127.0.0.1:1').catch(() => undefined);
      const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
      seen.before = listeners();
      for (let i = 0; i < 12; i++) {
        const server = await start({ port: 0, db: a, transport: '${transport}' });
        await increment(server, 'k');
        if (i === 0) seen.during = listeners();
        const closing = server.close();
        seen.isOnePromise = closing === server.close();
        await closing;
      }
      seen.after = listeners();
      process.on('beforeExit', () => { seen.endsByItself = true; ${END} });`,
      db,
    );
    t.same(await program.exit, { code: 0, signal: null }, program.stderr);
    t.equal(program.stderr, '', 'no warning');
    const { before, during, after, ...rest } = JSON.parse(program.stdout);
    t.same(during, before, 'no listener while it serves');
    t.same(after, before, 'none afterwards');
    t.same(rest, { isOnePromise: true, endsByItself: true });
  });
}

test('a start that is refused lets the process end, too', async (t) => {
  const folder = t.testdir();
  const program = nodeProgram(
    t,
    `${BEGIN}
    seen.errors = [];
    const server = await start({ port: 0, db: a });
    for (const options of [{ prot: 1 }, { port: 80.5 }, { port: server.port, db: b }, { port: 0, db: a }]) {
      await start(options).catch(({ name }) => seen.errors.push(name));
    }
    await server.close();
    process.on('beforeExit', () => { ${END} });`,
    join(folder, 'a.db'),
    join(folder, 'b.db'),
  );
  t.same(await program.exit, { code: 0, signal: null }, program.stderr);
  t.same(JSON.parse(program.stdout), { errors: ['ConfigError', 'ConfigError', 'ListenError', 'StoreRefusal'] });
});
