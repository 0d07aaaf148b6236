import fc from 'fast-check';
import t from 'tap';
import type { Method, Route } from '../../dist/http/route.js';
import { parameterNames, Router } from '../../dist/http/router.js';
import { UNDOCUMENTED } from '../undocumented.js';

const PATHS = [
  '/increment',
  '/numbers',
  '/numbers/',
  '/numbers/{key}',
  '/numbers/{key}/history',
  '/numbers/{key}/sources',
  '/numbers/{key}/sources/{source}',
  '/users/{name}',
  '/',
];
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];

const routes = fc.uniqueArray(fc.record({ method: fc.constantFrom(...METHODS), path: fc.constantFrom(...PATHS) }), {
  selector: ({ method, path }) => `${method} ${path}`,
});
const segment = fc.oneof(
  fc.constantFrom('increment', 'numbers', 'users', 'history', 'sources', '', '{key}', '__proto__', 'a%2Fb', '..'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const path = fc.oneof(
  fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
  fc.tuple(segment, segment).map(([key, source]) => `/numbers/${key}/sources/${source}`),
);
const method = fc.oneof(fc.constantFrom(...METHODS, 'HEAD', 'PATCH', '__proto__'), fc.string());

t.test('a request goes to the route that its method and path describe', async (t) => {
  let found = 0;
  fc.assert(
    fc.property(routes, method, path, (described, method, path) => {
      const all = described.map(route);
      const match = new Router(all).match(method, path);
      const places = all.filter((candidate) => pattern(candidate.path).test(path));
      const [place] = places;
      if (place === undefined) return match === undefined;
      found++;
      const sought = method === 'HEAD' ? 'GET' : method;
      const parameters = pattern(place.path).exec(path)?.slice(1);
      return (
        match !== undefined &&
        match.route === places.find((place) => place.method === sought) &&
        JSON.stringify(match.parameters) === JSON.stringify(parameters)
      );
    }),
    { numRuns: 5_000 },
  );
  t.ok(found > 100, `${found} of the paths led somewhere`);
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
  t.strictSame(router.match('GET', '/a/x%2Fy/c')?.parameters, ['x%2Fy']);
  t.strictSame(router.match('GET', '/a/{b}/c')?.parameters, ['{b}']);
  for (const path of ['/a//c', '/a/c', '/a/x/y/c', '/a/x', '/a/x/c/', 'a/x/c', '/A/x/c']) {
    t.equal(router.match('GET', path), undefined, path);
  }
});

t.test('a path may have several parameters, and no key is kept from it by another path', async (t) => {
  const paths = ['/numbers', '/numbers/{key}', '/numbers/{key}/sources', '/numbers/{key}/sources/{source}'];
  const router = new Router(paths.map((path) => route({ method: 'GET', path })));
  for (const [path, at, parameters] of [
    ['/numbers', 0, []],
    ['/numbers/sources', 1, ['sources']],
    ['/numbers/numbers', 1, ['numbers']],
    ['/numbers/sources/sources', 2, ['sources']],
    ['/numbers/a%2Fb/sources/b', 3, ['a%2Fb', 'b']],
    ['/numbers/sources/sources/sources', 3, ['sources', 'sources']],
  ] as const) {
    const match = router.match('GET', path);
    t.equal(match?.route?.path, paths[at], path);
    t.strictSame(match?.parameters, parameters);
  }
  for (const path of ['/numbers/', '/numbers/a/', '/numbers//sources/b', '/numbers/a/sources/', '/numbers/a/sources/b/']) {
    t.equal(router.match('GET', path), undefined, path);
  }
});

t.test('two routes for the same method and path are a mistake', async (t) => {
  const twice = [route({ method: 'GET', path: '/a/{b}' }), route({ method: 'GET', path: '/a/{c}' })];
  t.throws(() => new Router(twice), /two routes for GET/);
  t.throws(() => new Router([route({ method: 'PUT', path: '/a' }), route({ method: 'PUT', path: '/a' })]), /two routes for PUT/);
});

t.test('two routes that one path fits are a mistake, whatever their methods', async (t) => {
  for (const [one, other] of [
    ['/numbers/{key}', '/numbers/all'],
    ['/{a}/b', '/a/{b}'],
    ['/{a}/b', '/{a}/{b}'],
  ] as const) {
    for (const paths of [
      [one, other],
      [other, one],
    ] as const) {
      const both = paths.map((path, i) => route({ method: METHODS[i] as Method, path }));
      t.throws(() => new Router(both), /a path can fit both/, paths.join(' '));
    }
  }
  t.doesNotThrow(() => new Router(['/a/', '/a/{b}', '/a/{b}/c', '/a/{b}/d'].map((path) => route({ method: 'GET', path }))));
});

t.test('a parameter is a whole segment, and has a name of its own', async (t) => {
  t.strictSame(parameterNames('/a/{b}/c/{d}'), ['b', 'd']);
  t.strictSame(parameterNames('/a'), []);
  for (const path of ['/a/{b}.json', '/a/x{b}', '/{a}{b}', '/a/{}', '/a/{b', '/a/b}']) {
    t.throws(() => new Router([route({ method: 'GET', path })]), /a parameter is a whole segment/, path);
  }
  t.throws(() => new Router([route({ method: 'GET', path: '/{a}/{a}' })]), /two parameters of one name/);
});

function route({ method, path }: { method: Method; path: string }): Route {
  return {
    method,
    path,
    access: 'public',
    summary: '',
    doc: UNDOCUMENTED,
    headers: [],
    bodyBytesMax: 0,
    handle: () => undefined,
  };
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{[^}]*\}/g, '([^/]+)')}$`, 's');
}
