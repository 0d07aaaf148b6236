import { join } from 'node:path';
import t, { type Test } from 'tap';
import { compose } from '../../dist/composition.js';
import { readConfig } from '../../dist/config.js';
import type { Access, Scope } from '../../dist/http/caller.js';
import { type Answer, ask } from './asking.js';
import { type Owner, ownerOf } from './owner.js';
import { type Service, serve, TRANSPORTS } from './service.js';
import { encode, FORM, type Wire } from './wire.js';

/** How a route is called, with a key within `mine:` or with one that is not. */
interface Call {
  readonly target: string;
  readonly body?: string;
  readonly type?: string;
  /** What it says where it has worked. */
  readonly status?: number;
}

/** A route that has to do with keys, or with none. */
interface Calls {
  /** Written down here as well as in the route: what a route says of itself proves nothing. */
  readonly access: Access;
  readonly within: Call;
  /** The same for another's key; `undefined` where the route knows no keys. */
  readonly outside?: Call;
  /** What one gets who calls it with that; `outside-prefix`, where nothing is said. */
  readonly refusal?: string;
}

const batch = (key: string) => ({ target: '/increments', body: `key=mine:a&key=${key}` });
const user = (prefix: string) => ({
  target: '/user',
  type: 'application/json',
  body: JSON.stringify({ username: `made${++made}`, token: `made${made}`, scope: 'read', prefix }),
  status: 201,
});
let made = 0;
let calling = 0;

/** Every route there is: one that is not here fails the test. */
const CALLS: Readonly<Record<string, () => Calls>> = {
  'POST /increment': () => ({
    access: 'write',
    within: { target: '/increment', body: 'key=mine:a' },
    outside: { target: '/increment', body: 'key=theirs' },
  }),
  'POST /increments': () => ({ access: 'write', within: batch('mine:b'), outside: batch('theirs') }),
  'GET /numbers': () => ({
    access: 'read',
    within: { target: '/numbers?prefix=mine:' },
    outside: { target: '/numbers?key=mine:a&key=theirs' },
  }),
  'GET /top': () => ({ access: 'read', within: { target: '/top' }, outside: { target: '/top?prefix=' } }),
  'GET /sum': () => ({ access: 'read', within: { target: '/sum' }, outside: { target: '/sum?prefix=m' } }),
  'GET /numbers/{key}': () => ({ access: 'read', within: { target: '/numbers/mine:a' }, outside: { target: '/numbers/theirs' } }),
  'PUT /numbers/{key}': () => ({
    access: 'write',
    within: { target: '/numbers/mine:a', body: 'value=5' },
    outside: { target: '/numbers/theirs', body: 'value=5' },
  }),
  'DELETE /numbers/{key}': () => ({
    access: 'write',
    within: { target: '/numbers/mine:gone' },
    outside: { target: '/numbers/theirs' },
  }),
  'PUT /numbers/{key}/sources/{source}': () => ({
    access: 'write',
    within: { target: '/numbers/mine:a/sources/s', body: 'value=1' },
    outside: { target: '/numbers/theirs/sources/s', body: 'value=1' },
  }),
  'GET /numbers/{key}/sources': () => ({
    access: 'read',
    within: { target: '/numbers/mine:a/sources' },
    outside: { target: '/numbers/theirs/sources' },
  }),
  'GET /events': () => ({
    access: 'read',
    within: { target: '/events?prefix=mine:' },
    outside: { target: '/events?prefix=theirs' },
  }),
  'GET /durability': () => ({ access: 'read', within: { target: '/durability' } }),
  'POST /drain': () => ({ access: 'write', within: { target: '/drain', body: '' } }),
  'POST /user': () => ({ access: 'join', within: user('mine:'), outside: user('') }),
  'GET /user': () => ({ access: 'account', within: { target: '/user' } }),
  'GET /': () => ({ access: 'account', within: { target: '/' } }),
  'POST /user/token': () => ({
    access: 'account',
    within: { target: '/user/token', type: 'application/json', body: JSON.stringify({ token: `renewed${++made}` }) },
  }),
  'DELETE /user': () => ({ access: 'account', within: { target: '/user' } }),
  'GET /users': () => ({ access: 'admin', within: { target: '/users' } }),
  'DELETE /users/{username}': () => ({
    access: 'admin',
    within: { target: '/users/other' },
    outside: { target: '/users/everywhere' },
    refusal: 'unknown-user',
  }),
  'GET /assets/{file}': () => ({ access: 'public', within: { target: '/assets/style.css' } }),
  'GET /metrics': () => ({ access: 'read', within: { target: '/metrics' } }),
  'GET /stats': () => ({ access: 'read', within: { target: '/stats' } }),
  'GET /points': () => ({ access: 'read', within: { target: '/points' } }),
  'GET /points/tick': () => ({ access: 'read', within: { target: '/points/tick' } }),
  // On disk before the reply: then the next call finds none under way.
  'POST /points/tick': () => ({ access: 'write', within: { target: '/points/tick', body: 'durability=disk' } }),
  'GET /part1': () => ({ access: 'public', within: { target: '/part1' } }),
  'GET /part1/page/{file}': () => ({ access: 'public', within: { target: '/part1/page/lab.css' } }),
  'GET /part1/serial': () => ({ access: 'read', within: { target: '/part1/serial' } }),
  'GET /part1/async': () => ({ access: 'read', within: { target: '/part1/async' } }),
  'GET /part1/events': () => ({ access: 'read', within: { target: '/part1/events' } }),
  'GET /openapi.json': () => ({ access: 'public', within: { target: '/openapi.json' } }),
  'GET /doc': () => ({ access: 'public', within: { target: '/doc' } }),
  'GET /doc/{file}': () => ({ access: 'public', within: { target: '/doc/index.html' } }),
  'GET /healthz': () => ({ access: 'public', within: { target: '/healthz' } }),
  'GET /readyz': () => ({ access: 'public', within: { target: '/readyz' } }),
  'GET /problems/{code}': () => ({ access: 'public', within: { target: '/problems/not-found' } }),
};

const RANK: Readonly<Record<Scope, number>> = { read: 0, write: 1, admin: 2 };

/** What a caller with a scope gets, where the key is its own. */
function isLetIn(access: Access, scope: Scope): boolean {
  if (access === 'public' || access === 'account') return true;
  return RANK[scope] >= RANK[access === 'join' ? 'admin' : access];
}

const { routes, store } = compose(readConfig({ db: join(t.testdir(), 'unused.db'), services: 'all' }), {
  onStoreChange: () => undefined,
});
t.teardown(() => store.close(undefined));

t.test('every route is in the matrix, and nothing else is', async (t) => {
  const names = new Set(routes.map(({ method, path }) => `${method} ${path === '/' ? path : path.replace(/\/$/, '')}`));
  t.same([...names].sort(), Object.keys(CALLS).sort());
});

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, with --auth required`, async (t) => {
    const service = await serve(t, transport, {
      auth: 'required',
      trustProxy: '127.0.0.1',
      services: 'all',
      pointsUsers: 100,
    });
    const owner = ownerOf(service);
    for (const route of routes) {
      const { method, path } = route;
      const name = `${method} ${path === '/' ? path : path.replace(/\/$/, '')}`;
      const calls = CALLS[name];
      if (calls === undefined) continue;
      const { access, refusal = 'outside-prefix' } = calls();
      const slash = path !== '/' && path.endsWith('/') ? '/' : '';
      const call = (wire: Wire, { target, body, type = FORM }: Call, token?: string) => {
        // Every call comes from an address of its own: wrong tokens are counted by address.
        const address = `10.0.${++calling >> 8}.${calling & 255}`;
        const from = { 'Content-Type': type, 'X-Forwarded-For': address };
        const headers = token === undefined ? from : { ...from, Authorization: token };
        return first(wire, encode({ method, target: target + slash, headers, ...(body === undefined ? {} : { body }) }));
      };
      t.test(`${method} ${path}`, async (t) => {
        t.equal(route.access, access);
        await prepare(t, service, owner);
        const isPublic = access === 'public';

        const none = await call(await service.connect(t), calls().within);
        t.equal(none.status === 401, !isPublic, `no token: ${none.status}`);
        if (!isPublic) t.same([none.code, none.challenge], ['missing-token', 'Bearer realm="incrementer"']);

        const unknown = await call(await service.connect(t), calls().within, 'nobodys');
        if (!isPublic) t.same([unknown.status, unknown.code], [401, 'unknown-token']);

        for (const scope of ['read', 'write', 'admin'] as const) {
          await prepare(t, service, owner);
          const own = await owner.token({ scope, prefix: 'mine:' });
          const within = await call(await service.connect(t), calls().within, own);
          if (isLetIn(access, scope)) t.equal(within.status, calls().within.status ?? 200, `${scope}: ${within.code}`);
          else t.same([within.status, within.code], [403, 'insufficient-scope'], scope);

          const { outside } = calls();
          if (outside === undefined) continue;
          const foreign = await call(await service.connect(t), outside, await owner.token({ scope, prefix: 'mine:' }));
          const code = isLetIn(access, scope) ? refusal : 'insufficient-scope';
          t.same([foreign.status, foreign.code], [code === 'unknown-user' ? 404 : 403, code], `${scope}, another's key`);
          t.equal(foreign.text.includes('"value"'), false, 'nothing of it is shown');
        }

        await prepare(t, service, owner);
        const { outside = calls().within } = calls();
        const everything = await call(await service.connect(t), outside, await owner.token({ scope: 'admin', prefix: '' }));
        t.equal(everything.status, outside.status ?? 200, `an admin of every key: ${everything.code}`);
      });
    }
  });
}

/** Makes what the calls are about. */
async function prepare(t: Test, service: Service, owner: Owner): Promise<void> {
  const wire = await service.connect(t);
  const Authorization = await owner.token({ scope: 'write', prefix: '' });
  for (const key of ['mine:a', 'mine:b', 'mine:gone', 'theirs']) {
    await ask(wire, 'PUT', `/numbers/${key}`, { value: 1 }, { Authorization });
  }
  // The one that the calls remove, and one who may more than those who call.
  await owner.ensure('other', { scope: 'read', prefix: 'mine:' });
  await owner.ensure('everywhere', { scope: 'read', prefix: '' });
}

interface First {
  readonly status: number;
  readonly code: unknown;
  readonly challenge: string | undefined;
  readonly text: string;
}

/** A reply; of an event stream its beginning. */
async function first(wire: Wire, bytes: string): Promise<First> {
  wire.send(bytes);
  const { status, headers } = await wire.head();
  const isStream = headers.get('content-type') === 'text/event-stream';
  const text = isStream ? '' : await wire.body(headers);
  const isJson = headers.get('content-type')?.endsWith('json') === true;
  const json = !isJson ? {} : (JSON.parse(text) as Partial<Answer['json']>);
  return { status, code: json.code, challenge: headers.get('www-authenticate'), text };
}
