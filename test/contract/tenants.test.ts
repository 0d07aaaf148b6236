import t, { type Test } from 'tap';
import { askServer } from '../../dist/http/control-socket.js';
import { type Answer, ask } from './asking.js';
import { EventClient } from './event-client.js';
import { ownerOf } from './owner.js';
import { type Service, serve, TRANSPORTS } from './service.js';
import { encode } from './wire.js';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Two accounts with keys of their own, on one server. */
async function tenants(t: Test, service: Service) {
  const owner = ownerOf(service);
  const wire = await service.connect(t);
  const a = { Authorization: await owner.token({ scope: 'write', prefix: 'a:' }) };
  const b = { Authorization: await owner.token({ scope: 'write', prefix: 'b:' }) };
  for (const key of ['a:1', 'a:2', 'a:3']) await ask(wire, 'POST', '/increment', { key, value: 10 }, a);
  for (const key of ['b:1', 'b:2']) await ask(wire, 'POST', '/increment', { key, value: 1_000 }, b);
  return { owner, wire, a, b };
}

function keysOf({ json }: Answer): string[] {
  return (json.counters as { key: string }[]).map(({ key }) => key);
}

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('lists, tops and sums are of the own keys', async (t) => {
      const { wire, a, b } = await tenants(t, await serve(t, transport, { auth: 'required' }));
      t.same(keysOf(await ask(wire, 'GET', '/numbers', undefined, a)), ['a:1', 'a:2', 'a:3']);
      t.same(keysOf(await ask(wire, 'GET', '/numbers?prefix=b:1', undefined, b)), ['b:1']);
      t.same(keysOf(await ask(wire, 'GET', '/numbers?after=a:3', undefined, a)), [], 'not what comes after them');
      t.same(keysOf(await ask(wire, 'GET', '/numbers?after=0', undefined, b)), ['b:1', 'b:2'], 'nor what comes before');
      t.same(keysOf(await ask(wire, 'GET', '/top', undefined, a)), ['a:1', 'a:2', 'a:3']);
      t.match((await ask(wire, 'GET', '/sum', undefined, a)).json, { sum: 30, count: 3 });
      t.match((await ask(wire, 'GET', '/sum', undefined, b)).json, { sum: 2_000, count: 2 });
    });

    t.test('the next page is of the own keys, too', async (t) => {
      const { wire, a } = await tenants(t, await serve(t, transport, { auth: 'required' }));
      const page = await ask(wire, 'GET', '/numbers?limit=2', undefined, a);
      const [, next] = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '') ?? [];
      t.same(keysOf(await ask(wire, 'GET', next as string, undefined, a)), ['a:3']);
    });

    t.test('a batch with one key of another counts nothing, and says which', async (t) => {
      const { wire, a } = await tenants(t, await serve(t, transport, { auth: 'required' }));
      const body = 'key=a:1&key=a:2&key=b:1&key=a:3';
      const refused = await wire.exchange(encode({ method: 'POST', target: '/increments', headers: { ...FORM, ...a }, body }));
      t.equal(refused.status, 403);
      t.match(JSON.parse(refused.body), { code: 'outside-prefix', index: 2, detail: 'item 2: b:1 is not within a:' });
      t.match((await ask(wire, 'GET', '/sum', undefined, a)).json, { sum: 30 });
    });

    t.test('a batch that comes in while its account ends is not counted', async (t) => {
      const service = await serve(t, transport, { auth: 'required' });
      const { wire, a, b } = await tenants(t, service);
      const slow = await service.connect(t);
      const body = 'key=a:1&key=a:2';
      const request = encode({ method: 'POST', target: '/increments', headers: { ...FORM, ...a }, body });
      await slow.flush(request.slice(0, -4));
      // Both are on the server by the time that it answers the second.
      await ask(wire, 'GET', '/sum', undefined, b);
      t.equal((await ask(wire, 'DELETE', '/user/', undefined, a)).status, 200);
      t.match(JSON.parse((await slow.exchange(request.slice(-4), 'POST')).body), { code: 'unknown-token' });
    });

    t.test('the feed tells of the own keys', async (t) => {
      const service = await serve(t, transport, { auth: 'required' });
      const { wire, a, b } = await tenants(t, service);
      const feed = await EventClient.open(t, service, '', undefined, a);
      await ask(wire, 'POST', '/increment', { key: 'b:1' }, b);
      await ask(wire, 'POST', '/increment', { key: 'a:1' }, a);
      await feed.knows('a:1', 11);
      t.notMatch(feed.text, 'b:1');
    });

    t.test('a feed ends with its account, and with its token', async (t) => {
      const service = await serve(t, transport, { auth: 'required' });
      const { wire, a, b } = await tenants(t, service);
      const ended = await EventClient.open(t, service, '', undefined, a);
      const renewed = await EventClient.open(t, service, '', undefined, b);
      t.equal((await ask(wire, 'DELETE', '/user/', undefined, a)).status, 200);
      t.ok(await ended.ended);
      t.equal((await ask(wire, 'POST', '/user/token', undefined, b)).status, 200);
      t.ok(await renewed.ended);
    });

    t.test('an Idempotency-Key is its account’s own', async (t) => {
      const { wire, owner, a, b } = await tenants(t, await serve(t, transport, { auth: 'required' }));
      const everything = { Authorization: await owner.token({ scope: 'write', prefix: '' }) };
      const once = (key: string, as: object) =>
        ask(wire, 'POST', '/increment', { key }, { 'Idempotency-Key': 'order-1', ...as } as Record<string, string>);
      t.match((await once('a:1', a)).json, { value: 11 });
      t.match((await once('b:1', b)).json, { value: 1_001 }, 'no conflict with what another has made');
      t.match((await once('a:1', everything)).json, { value: 12 }, 'and no replay of it');
      const again = await once('a:1', a);
      t.match(again.json, { value: 11 });
      t.equal(again.headers.get('idempotency-replayed'), 'true');
    });

    t.test('an admin with a prefix looks after users within it, and gives no more than it has', async (t) => {
      const service = await serve(t, transport, { auth: 'required' });
      const { owner, wire } = await tenants(t, service);
      const admin = { Authorization: await owner.token({ scope: 'admin', prefix: 'a:' }) };
      const make = (user: object) => {
        const headers = { 'Content-Type': 'application/json', ...admin };
        return wire.exchange(encode({ method: 'POST', target: '/user/', headers, body: JSON.stringify(user) }));
      };
      t.equal((await make({ username: 'inside', token: 'inside', prefix: 'a:x' })).status, 201);
      t.equal((await make({ username: 'same', token: 'same' })).status, 201, 'without a prefix it is the own one');
      t.match((await ask(wire, 'GET', '/user/', undefined, { Authorization: 'same' })).json, { prefix: 'a:' });
      t.match(JSON.parse((await make({ username: 'all', prefix: '' })).body), { code: 'outside-prefix' });
      t.match(JSON.parse((await make({ username: 'b', prefix: 'b:' })).body), { code: 'outside-prefix' });
      const { users } = (await ask(wire, 'GET', '/users', undefined, admin)).json as { users: { prefix: string }[] };
      t.ok(users.length >= 3);
      t.ok(users.every(({ prefix }) => prefix.startsWith('a:')));
      await owner.ensure('outside', { scope: 'read', prefix: 'b:' });
      const hidden = await ask(wire, 'DELETE', '/users/outside', undefined, admin);
      t.match(hidden.json, { code: 'unknown-user' }, 'it is not even told that it is there');
      t.equal((await ask(wire, 'DELETE', '/users/inside', undefined, admin)).status, 200);
    });

    t.test('users are there after a restart, and what was ended is not', async (t) => {
      const service = await serve(t, transport, { auth: 'required' });
      const { wire, a, b } = await tenants(t, service);
      const before = (await ask(wire, 'GET', '/user/', undefined, a)).body;
      await ask(wire, 'DELETE', '/user/', undefined, b);
      await service.stop();
      const next = await serve(t, transport, { auth: 'required', db: service.db });
      const again = await next.connect(t);
      t.equal((await ask(again, 'GET', '/user/', undefined, a)).body, before);
      t.equal((await ask(again, 'GET', '/user/', undefined, b)).status, 401);
    });

    t.test('where it is open, a token changes nothing, and a wrong one does no harm', async (t) => {
      const service = await serve(t, transport);
      const wire = await service.connect(t);
      const token = await ownerOf(service).token({ scope: 'read', prefix: 'a:' });
      t.equal((await ask(wire, 'POST', '/increment', { key: 'z' }, { Authorization: token })).status, 200);
      t.equal((await ask(wire, 'POST', '/increment', { key: 'z' }, { Authorization: 'wrong' })).status, 200);
    });
  });

  t.test(`wrong tokens over ${transport}`, async (t) => {
    const service = await serve(t, transport, { auth: 'required', trustProxy: '127.0.0.0/8' });
    const good = await ownerOf(service).token({ scope: 'write', prefix: '' });
    const chosen = 'chosen';
    await ownerOf(service).ensure('chosen', { scope: 'write', prefix: '', token: chosen });
    const wire = await service.connect(t);
    const ask401 = (from: string, token: string) =>
      ask(wire, 'GET', '/sum', undefined, { 'X-Forwarded-For': from, Authorization: token });

    t.test('one that is sent over and over is refused more and more, and shuts nobody else out', async (t) => {
      for (let i = 0; i < 20; i++) t.equal((await ask401('10.1.0.1', 'outdated')).status, 401);
      const refused = await ask401('10.1.0.1', 'outdated');
      t.match(refused, { status: 429, json: { code: 'too-many-failures' } });
      const retryS = Number(refused.headers.get('retry-after'));
      t.ok(retryS > 0 && retryS <= 60, `${retryS} s`);
      t.equal((await ask401('10.1.0.1', good)).status, 200, 'from the same address');
    });

    t.test('who tries many gets no further answer from that address', async (t) => {
      for (let i = 0; i < 20; i++) t.equal((await ask401('10.1.0.2', `guess${i}`)).status, 401);
      t.equal((await ask401('10.1.0.2', chosen)).status, 429, 'not even with the right one');
      t.equal((await ask401('10.1.0.3', chosen)).status, 200, 'other addresses do');
      t.equal(
        (await ask401('10.9.9.9, 10.1.0.2', chosen)).status,
        429,
        'what stands before the last address is the client’s word',
      );
    });

    t.test('of IPv6 the network counts', async (t) => {
      for (let i = 0; i < 20; i++) await ask401(`2001:db8::${i + 1}`, `guess${i}`);
      t.equal((await ask401('2001:db8::ffff', chosen)).status, 429);
      t.equal((await ask401('2001:db8:0:1::1', chosen)).status, 200);
    });

    t.test('a token that nobody can guess lets its owner in from anywhere', async (t) => {
      t.equal(good.length, 43);
      t.equal((await ask401('10.1.0.2', good)).status, 200);
    });

    t.test('every line of the header counts', async (t) => {
      const lines = 'X-Forwarded-For: 10.2.2.2\r\nX-Forwarded-For: 10.1.0.2';
      const reply = await wire.exchange(`GET /sum HTTP/1.1\r\nHost: localhost\r\n${lines}\r\nAuthorization: ${chosen}\r\n\r\n`);
      t.equal(reply.status, 429);
    });

    t.test('to find out that a token is taken is a try, too', async (t) => {
      const headers = { 'Content-Type': 'application/json', Authorization: good, 'X-Forwarded-For': '10.1.0.5' };
      const take = (token: string) =>
        wire.exchange(encode({ method: 'POST', target: '/user/token', headers, body: JSON.stringify({ token }) }));
      for (let i = 0; i < 19; i++) await ask401('10.1.0.5', `guess${i}`);
      t.equal((await take(chosen)).status, 409);
      t.equal((await take(chosen)).status, 429, 'nothing more is told');
    });

    t.test('a request without a token is no try', async (t) => {
      for (let i = 0; i < 30; i++)
        t.equal((await ask(wire, 'GET', '/sum', undefined, { 'X-Forwarded-For': '10.1.0.4' })).status, 401);
      t.equal((await ask401('10.1.0.4', good)).status, 200);
    });
  });

  t.test(`wrong tokens over ${transport}, without a proxy`, async (t) => {
    const service = await serve(t, transport, { auth: 'required' });
    await ownerOf(service).ensure('chosen', { scope: 'write', prefix: '', token: 'chosen' });
    const wire = await service.connect(t);
    for (let i = 0; i < 20; i++) {
      await ask(wire, 'GET', '/sum', undefined, { 'X-Forwarded-For': `10.0.0.${i}`, Authorization: `guess${i}` });
    }
    const refused = await ask(wire, 'GET', '/sum', undefined, { 'X-Forwarded-For': '10.0.1.1', Authorization: 'chosen' });
    t.equal(refused.status, 429, 'a header that nobody vouches for says nothing');
    t.equal((await askServer(service.db, 'GET', '/users'))?.status, 200, 'who has the file can still look after users');
  });
}
