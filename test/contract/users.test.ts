import type { Test } from 'tap';
import { type Answer, ask } from './asking.js';
import { ownerOf } from './owner.js';
import { contract, type Service } from './service.js';
import { encode, type Wire } from './wire.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Sends JSON, as it is where it is a text. */
async function send(wire: Wire, method: string, target: string, body: unknown, token?: string): Promise<Answer> {
  const headers = token === undefined ? JSON_TYPE : { ...JSON_TYPE, Authorization: token };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await wire.exchange(encode({ method, target, headers, body: Buffer.from(text).toString('latin1') }));
  return { ...reply, json: JSON.parse(reply.body) as Record<string, unknown> };
}

function get(wire: Wire, target: string, token?: string): Promise<Answer> {
  return ask(wire, 'GET', target, undefined, token === undefined ? {} : { Authorization: token });
}

contract((t, service) => {
  t.test('a user is made, and known by its token, with and without Bearer and the trailing slash', async (t) => {
    const wire = await service.connect(t);
    const made = await send(wire, 'POST', '/user/', { username: 'mouad', token: 'xyz' });
    t.equal(made.status, 201);
    t.same(Object.keys(made.json), ['id', 'username'], 'the token is not said again');
    t.equal(made.json.username, 'mouad');
    for (const target of ['/user/', '/user', '/']) {
      for (const token of ['xyz', 'Bearer xyz', 'bearer xyz', 'Bearer   xyz']) {
        const { status, json } = await get(wire, target, token);
        t.equal(status, 200, `${target} ${token}`);
        t.match(json, { id: made.json.id, username: 'mouad', scope: 'write', prefix: '' });
      }
    }
  });

  t.test('without a token one is made, shown once, and good', async (t) => {
    const wire = await service.connect(t);
    const { status, json, headers } = await send(wire, 'POST', '/user', { username: 'made' });
    t.equal(status, 201);
    t.equal(headers.get('cache-control'), 'no-store');
    const token = json.token as string;
    t.match(token, /^[\w-]{43}$/, '256 bits in base64url');
    t.equal((await get(wire, '/user/', token)).json.username, 'made');
    t.notMatch((await get(wire, '/user/', token)).body, token);
    const other = await send(wire, 'POST', '/user', { username: 'made too' });
    t.not(other.json.token, token);
  });

  t.test('a taken name or token is refused, and nothing changes', async (t) => {
    const wire = await service.connect(t);
    await send(wire, 'POST', '/user/', { username: 'first', token: 'first-token' });
    const sameName = await send(wire, 'POST', '/user/', { username: 'first', token: 'another' });
    t.match(sameName, { status: 409, json: { code: 'username-taken', field: 'username' } });
    t.equal((await get(wire, '/user/', 'another')).status, 401);
    const sameToken = await send(wire, 'POST', '/user/', { username: 'second', token: 'first-token' });
    t.match(sameToken, { status: 409, json: { code: 'token-taken', field: 'token' } });
    t.equal((await get(wire, '/user/', 'first-token')).json.username, 'first');
  });

  t.test('what is no user is refused', async (t) => {
    const wire = await service.connect(t);
    const cases: [body: unknown, code: string, field: string | undefined][] = [
      [{}, 'missing-parameter', 'username'],
      [{ token: 'abc' }, 'missing-parameter', 'username'],
      [{ username: 5 }, 'invalid-parameter', 'username'],
      [{ username: null }, 'invalid-parameter', 'username'],
      [{ username: true }, 'invalid-parameter', 'username'],
      [{ username: ['a'] }, 'invalid-parameter', 'username'],
      [{ username: '' }, 'invalid-parameter', 'username'],
      [{ username: '  ' }, 'invalid-parameter', 'username'],
      [{ username: 'a\nb' }, 'invalid-parameter', 'username'],
      [{ username: 'a\u202eb' }, 'invalid-parameter', 'username'],
      [{ username: 'a'.repeat(129) }, 'invalid-parameter', 'username'],
      ['{"username":"\\ud800"}', 'invalid-parameter', 'username'],
      [{ username: 'ill', token: 5 }, 'invalid-parameter', 'token'],
      [{ username: 'ill', token: '' }, 'invalid-parameter', 'token'],
      [{ username: 'ill', token: 'a b' }, 'invalid-parameter', 'token'],
      [{ username: 'ill', token: 'ä' }, 'invalid-parameter', 'token'],
      [{ username: 'ill', token: 'a'.repeat(257) }, 'invalid-parameter', 'token'],
      [{ username: 'ill', scope: 'root' }, 'invalid-parameter', 'scope'],
      [{ username: 'ill', scope: 7 }, 'invalid-parameter', 'scope'],
      [{ username: 'ill', prefix: 'a\0' }, 'invalid-parameter', 'prefix'],
      [{ username: 'ill', prefix: 'a'.repeat(513) }, 'invalid-parameter', 'prefix'],
      [{ username: 'ill', admin: true }, 'unknown-parameter', undefined],
      [{ username: 'ill', admin: { toString: null } }, 'unknown-parameter', undefined],
      [{ username: { toString: null } }, 'invalid-parameter', 'username'],
      ['{"username":"ill","username":"ill"}', 'duplicate-parameter', 'username'],
      ['["ill"]', 'malformed-body', undefined],
      ['{', 'malformed-body', undefined],
    ];
    for (const [body, code, field] of cases) {
      const { status, json } = await send(wire, 'POST', '/user/', body);
      t.same([status, json.code, json.field], [400, code, field], JSON.stringify(body));
    }
    t.equal((await ask(wire, 'POST', '/user/?username=ill&token=secret')).json.code, 'unknown-parameter');
    t.equal((await ask(wire, 'POST', '/user/', { username: 'ill' })).status, 415, 'a form');
    t.equal((await ask(wire, 'POST', '/user/')).json.code, 'missing-parameter', 'nothing');
    const { json } = await get(wire, '/users?limit=1000', await ownerOf(service).token({ scope: 'admin', prefix: '' }));
    const names = (json.users as { username: string }[]).map(({ username }) => username);
    t.notOk(names.includes('ill'));
    t.ok(names.every((name) => name.trim() !== ''));
  });

  t.test('without a token, or with an unknown one, nobody is known', async (t) => {
    const wire = await service.connect(t);
    for (const target of ['/user/', '/user', '/']) {
      const missing = await get(wire, target);
      t.match(missing, { status: 401, json: { code: 'missing-token' } }, target);
      t.equal(missing.headers.get('www-authenticate'), 'Bearer realm="incrementer"');
      const unknown = await get(wire, target, 'nobodys');
      t.match(unknown, { status: 401, json: { code: 'unknown-token' } }, target);
      t.equal(unknown.headers.get('www-authenticate'), 'Bearer realm="incrementer", error="invalid_token"');
    }
    for (const odd of ['Bearer', 'Basic eHl6', 'a'.repeat(5_000)]) t.equal((await get(wire, '/user/', odd)).status, 401, odd);
    t.match(await ask(wire, 'DELETE', '/user/'), { status: 401 });
    t.match(await ask(wire, 'POST', '/user/token'), { status: 401 });
  });

  t.test('a new token ends the old one', async (t) => {
    const wire = await service.connect(t);
    const { json: made } = await send(wire, 'POST', '/user/', { username: 'renewed', token: 'old', prefix: 'r:', scope: 'read' });
    const renewed = await ask(wire, 'POST', '/user/token', undefined, { Authorization: 'old' });
    t.equal(renewed.status, 200);
    t.match(renewed.json, { id: made.id, username: 'renewed', token: /^[\w-]{43}$/ });
    t.equal((await get(wire, '/user/', 'old')).status, 401);
    const known = await get(wire, '/user/', renewed.json.token as string);
    t.match(known.json, { id: made.id, username: 'renewed', prefix: 'r:', scope: 'read' }, 'all else stays');
    const own = await send(wire, 'POST', '/user/token/', { token: 'own' }, renewed.json.token as string);
    t.same(own.json, { id: made.id, username: 'renewed' }, 'one that is given is not said again');
    t.equal((await get(wire, '/user/', 'own')).status, 200);
    await send(wire, 'POST', '/user/', { username: 'neighbour', token: 'theirs' });
    const taken = await send(wire, 'POST', '/user/token', { token: 'theirs' }, 'own');
    t.match(taken, { status: 409, json: { code: 'token-taken' } });
    t.equal((await get(wire, '/user/', 'own')).status, 200, 'nothing changed');
  });

  t.test('an account that was ended is gone, and its name and token are free', async (t) => {
    const wire = await service.connect(t);
    const { json: made } = await send(wire, 'POST', '/user/', { username: 'leaving', token: 'leave' });
    const left = await ask(wire, 'DELETE', '/user/', undefined, { Authorization: 'leave' });
    t.match(left, { status: 200, json: { id: made.id, username: 'leaving' } });
    t.equal((await get(wire, '/user/', 'leave')).status, 401);
    t.equal((await ask(wire, 'DELETE', '/user/', undefined, { Authorization: 'leave' })).status, 401);
    const again = await send(wire, 'POST', '/user/', { username: 'leaving', token: 'leave' });
    t.equal(again.status, 201);
    t.ok(Number(again.json.id) > Number(made.id), 'an id is never used again');
  });

  t.test('users are listed and removed by name; who is not there can not be removed', async (t) => {
    const wire = await service.connect(t);
    await send(wire, 'POST', '/user/', { username: 'b/ü', token: 'b-token' });
    const Authorization = await ownerOf(service).token({ scope: 'admin', prefix: '' });
    const { json, body } = await get(wire, '/users', Authorization);
    const users = json.users as { username: string; created_at: string }[];
    t.same(
      users.map(({ username }) => username),
      users.map(({ username }) => username).sort(),
    );
    t.match(
      users.find(({ username }) => username === 'b/ü'),
      { scope: 'write', prefix: '', created_at: /^\d{4}-.*Z$/ },
    );
    t.notMatch(body, 'b-token');
    const removed = await ask(wire, 'DELETE', '/users/b%2F%C3%BC', undefined, { Authorization });
    t.match(removed, { status: 200, json: { username: 'b/ü' } });
    t.equal((await get(wire, '/user/', 'b-token')).status, 401);
    t.match(await ask(wire, 'DELETE', '/users/b%2F%C3%BC', undefined, { Authorization }), {
      status: 404,
      json: { code: 'unknown-user' },
    });
    t.match(await ask(wire, 'DELETE', '/users/%ff', undefined, { Authorization }), { status: 400 });
  });

  t.test('a page of users tells where the next one is', async (t) => {
    const wire = await service.connect(t);
    const token = await ownerOf(service).token({ scope: 'admin', prefix: 'paged:' });
    for (const username of ['p3', 'p1', 'p2']) await ownerOf(service).ensure(username, { scope: 'read', prefix: 'paged:' });
    const names: string[] = [];
    for (let target = '/users?limit=2'; target !== ''; ) {
      const { json, headers } = await get(wire, target, token);
      const users = json.users as { username: string }[];
      t.ok(users.length <= 2);
      names.push(...users.map(({ username }) => username));
      target = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
    }
    t.same(names.slice(0, 3), ['p1', 'p2', 'p3']);
    t.equal(names.length, 4, 'and the admin itself');
    for (const limit of ['0', '1001', 'x']) t.equal((await get(wire, `/users?limit=${limit}`, token)).status, 400);
  });

  t.test('where nobody has to say who they are, only an admin looks after others', async (t) => {
    const wire = await service.connect(t);
    const made = await send(wire, 'POST', '/user/', { username: 'boss', scope: 'admin' });
    t.match(made, { status: 403, json: { code: 'insufficient-scope' } });
    t.equal((await ask(wire, 'GET', '/users')).status, 401);
    t.equal((await ask(wire, 'DELETE', '/users/mouad')).status, 401);
    const admin = await ownerOf(service).token({ scope: 'admin', prefix: '' });
    t.equal((await send(wire, 'POST', '/user/', { username: 'boss', scope: 'admin' }, admin)).status, 201, 'its token counts');
    t.equal((await send(wire, 'POST', '/user/', { username: 'x', scope: 'read' }, 'nobodys')).status, 401);
  });
});

contract(
  (t: Test, service: Service) => {
    t.test('beyond the bound there are no more users', async (t) => {
      const wire = await service.connect(t);
      t.equal((await send(wire, 'POST', '/user/', { username: 'a', token: 'a' })).status, 201);
      t.equal((await send(wire, 'POST', '/user/', { username: 'b', token: 'b' })).status, 201);
      const refused = await send(wire, 'POST', '/user/', { username: 'c', token: 'c' });
      t.match(refused, { status: 503, json: { code: 'users-full' } });
      await ask(wire, 'DELETE', '/user/', undefined, { Authorization: 'a' });
      t.equal((await send(wire, 'POST', '/user/', { username: 'c', token: 'c' })).status, 201);
    });
  },
  { maxUsers: '2' },
);
