import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { askServer } from '../../dist/http/control-socket.js';
import { TRANSPORTS } from '../contract/service.js';
import { encode, type Request, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';

const RIGHT = 'right-SECRET-0123456789abcdef';
const WRONG = 'wrong-SECRET-0123456789abcdef';
const SECRET = /SECRET/;

/** Requests with a token wherever one may turn up: where it belongs, and where people put it by mistake. */
function requests(token: string): Request[] {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const json = { 'Content-Type': 'application/json' };
  const mine = { Authorization: `Bearer ${token}` };
  return [
    { target: '/user', headers: mine },
    { target: '/user', headers: { Authorization: token } },
    { target: '/user', headers: { Authorization: `Basic ${Buffer.from(`joe:${token}`).toString('base64')} ${token}` } },
    { target: '/stats', headers: mine },
    { target: '/metrics', headers: mine },
    { target: `/numbers/a?token=${token}`, headers: mine },
    { target: `/nowhere?access_token=${token}`, headers: mine },
    { target: `/nowhere#${token}`, headers: mine },
    { target: `http://joe:${token}@localhost/user`, headers: mine },
    { method: 'DELETE', target: `/healthz?token=${token}`, headers: mine },
    { method: 'POST', target: `/increment?token=${token}`, headers: { ...mine, ...form }, body: 'key=a' },
    { method: 'POST', target: '/increment', headers: { ...mine, ...form }, body: `key=a&token=${token}` },
    { method: 'POST', target: '/increment', headers: { ...mine, ...json }, body: `{"token":"${token}"` },
    { method: 'POST', target: '/increments', headers: { ...mine, ...form }, body: `token=${token}` },
    { method: 'POST', target: '/increment', headers: { ...mine, ...form, 'Idempotency-Key': token }, body: 'key=a' },
    { method: 'POST', target: '/user', headers: { ...mine, ...json }, body: `{"username":"joe","token":"${token}"}` },
    { method: 'POST', target: '/user', headers: { ...mine, ...json }, body: `{"username":"joe","token":"${token} "}` },
    { method: 'POST', target: '/user/token', headers: { ...mine, ...json }, body: `{"token":"${token}","token":"b"}` },
    { method: 'POST', target: '/user/token', headers: { ...mine, ...json }, body: '{}' },
    { target: '/readyz', headers: { ...mine, Cookie: token, 'Proxy-Authorization': token, 'X-Forwarded-For': token } },
  ];
}

for (const transport of TRANSPORTS) {
  test(`over ${transport} no token is in any line of the log, nor in any refusal`, async (t) => {
    const args = ['--transport', transport, '--auth', 'required', '--access-log', '--log-level', 'trace'];
    // Where a socket can be beside the file: t.testdir has names that are too long for one.
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const server = await ServerProcess.serving(t, join(folder, 'numbers.db'), args);
    const ann = JSON.stringify({ username: 'ann', token: RIGHT, scope: 'admin' });
    t.equal((await askServer(server.db, 'POST', '/user/', ann))?.status, 201);
    let asked = 0;
    for (const token of [WRONG, RIGHT]) {
      for (const request of requests(token)) {
        // One each: some of them end their connection.
        const wire = await Wire.open(server.port);
        t.teardown(() => wire.close());
        const { status, body } = await wire.exchange(encode(request));
        wire.close();
        asked++;
        if (status >= 400)
          t.notMatch(body.replace(`there is nothing at ${request.target}`, ''), SECRET, `${request.method} ${request.target}`);
      }
    }
    server.signal('SIGTERM');
    await server.exit;
    const logged = server.log().filter(({ msg }) => msg === 'request');
    t.ok(logged.length > asked / 2, `${logged.length} requests are logged`);
    t.ok(
      logged.some(({ caller }) => (caller as number) > 0),
      'with the callers that there were',
    );
    t.notMatch(server.stderr + server.stdout, SECRET);
    t.notMatch(server.stderr + server.stdout, new RegExp(Buffer.from('joe:right-SECRET').toString('base64').slice(0, 16)));
  });
}
