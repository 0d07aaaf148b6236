import t from 'tap';
import { type AccessEntry, AccessLog } from '../../dist/http/access-log.js';
import { ClientAddress } from '../../dist/http/client-address.js';
import { request } from './request.js';

/** What is logged of a request that was replied to after 1.5 ms. */
function logged(method: string, path: string, address = '127.0.0.1'): AccessEntry | undefined {
  const entries: AccessEntry[] = [];
  const clock = { ms: 100 };
  const log = new AccessLog({
    address: new ClientAddress([]),
    nowMs: () => clock.ms,
    write: (entry) => entries.push(entry),
  });
  const visit = log.begin({ ...request({}), address, requestId: 'r1' }, { method, route: '/numbers/{key}', path });
  clock.ms += 1.5;
  visit.end(200, 'hällo');
  return entries[0];
}

t.test('a request is one entry', async (t) => {
  t.same(logged('GET', '/numbers/a%20b'), {
    method: 'GET',
    route: '/numbers/{key}',
    path: '/numbers/a%20b',
    status: 200,
    ms: 1.5,
    bytes: 6,
    address: '127.0.0.1',
    caller: 0,
    requestId: 'r1',
  });
});

t.test('what a terminal might take for a command is percent-encoded', async (t) => {
  t.equal(logged('GET', '/numbers/\x1b[2J\xc3\xa4\x9b')?.path, '/numbers/%1B[2J%C3%A4%9B');
  t.equal(logged('\x1bX', '/')?.method, '%1BX');
});

t.test('of what is no path nothing is logged: it may have a password in it', async (t) => {
  for (const target of ['http://user:secret@localhost/numbers/a', 'localhost:80', '*'])
    t.equal(logged('GET', target)?.path, undefined);
});

t.test('a fragment is not logged', async (t) => {
  t.equal(logged('GET', '/numbers/a#token=secret')?.path, '/numbers/a');
});

t.test('addresses are logged in their shortest form', async (t) => {
  t.equal(logged('GET', '/', '0000:0000:0000:0000:0000:0000:0000:0001')?.address, '::1');
  t.equal(logged('GET', '/', '::ffff:192.0.2.1')?.address, '192.0.2.1');
  t.equal(logged('GET', '/', '')?.address, '', 'a connection that was gone had none');
});
