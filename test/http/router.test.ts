import fc from 'fast-check';
import t from 'tap';
import type { Method, Route } from '../../dist/http/route.js';
import { Router, splitAtParameter } from '../../dist/http/router.js';

const PATHS = ['/increment', '/numbers', '/numbers/{key}', '/numbers/{key}/history', '/users/{name}', '/numbers/all', '/'];
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

const routes = fc.uniqueArray(fc.record({ method: fc.constantFrom(...METHODS), path: fc.constantFrom(...PATHS) }), {
  selector: ({ method, path }) => `${method} ${path}`,
});
const segment = fc.oneof(
  fc.constantFrom('increment', 'numbers', 'users', 'history', 'all', '', '{key}', '__proto__', 'a%2Fb', '..'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const method = fc.oneof(fc.constantFrom(...METHODS, 'HEAD', 'PATCH', '__proto__'), fc.string());

t.test('a request goes to the route that its method and path describe', async () => {
  fc.assert(
    fc.property(routes, method, path, (described, method, path) => {
      const all = described.map(route);
      const match = new Router(all).match(method, path);
      // A path without a parameter goes before one with.
      const candidates = all.filter((candidate) => candidate.path === path && !candidate.path.includes('{'));
      const places = candidates.length > 0 ? candidates : all.filter((candidate) => pattern(candidate.path).test(path));
      if (places.length === 0) return match === undefined;
      const sought = method === 'HEAD' ? 'GET' : method;
      const parameter = pattern(places[0]?.path ?? '').exec(path)?.[1] ?? '';
      return (
        match !== undefined && match.route === places.find((place) => place.method === sought) && match.parameter === parameter
      );
    }),
    { numRuns: 5_000 },
  );
});

t.test('Allow names every method of the path, and HEAD where GET is', async (t) => {
  const router = new Router((['GET', 'DELETE'] as const).map((method) => route({ method, path: '/numbers/{key}' })));
  for (const method of ['GET', 'HEAD', 'POST', 'nonsense', '']) {
    t.equal(router.match(method, '/numbers/a')?.allow, 'GET, HEAD, DELETE');
  }
  t.equal(new Router([route({ method: 'POST', path: '/increment' })]).match('GET', '/increment')?.allow, 'POST');
});

t.test('a parameter is one segment, not empty, as it was sent', async (t) => {
  const router = new Router([route({ method: 'GET', path: '/a/{b}/c' })]);
  t.equal(router.match('GET', '/a/x%2Fy/c')?.parameter, 'x%2Fy');
  t.equal(router.match('GET', '/a/{b}/c')?.parameter, '{b}');
  for (const path of ['/a//c', '/a/c', '/a/x/y/c', '/a/x', '/a/x/c/', 'a/x/c', '/A/x/c']) {
    t.equal(router.match('GET', path), undefined, path);
  }
});

t.test('two routes for the same method and path are a mistake', async (t) => {
  const twice = [route({ method: 'GET', path: '/a/{b}' }), route({ method: 'GET', path: '/a/{c}' })];
  t.throws(() => new Router(twice), /two routes for GET/);
  t.throws(() => new Router([route({ method: 'PUT', path: '/a' }), route({ method: 'PUT', path: '/a' })]), /two routes for PUT/);
});

t.test('a path has one parameter at the most', async (t) => {
  t.strictSame(splitAtParameter('/a/{b}/c'), ['/a/', '/c']);
  t.strictSame(splitAtParameter('/a/{b}'), ['/a/', '']);
  t.strictSame(splitAtParameter('/a'), ['/a']);
  t.throws(() => splitAtParameter('/{a}/{b}'), /more than one parameter/);
});

function route({ method, path }: { method: Method; path: string }): Route {
  return { method, path, summary: '', headers: [], bodyBytesMax: 0, handle: () => undefined };
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{[^}]*\}/, '([^/]+)')}$`, 's');
}
