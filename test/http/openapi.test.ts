import t from 'tap';
import { type Documentation, replied } from '../../dist/http/documentation.js';
import { type About, openApi } from '../../dist/http/openapi.js';
import type { Route } from '../../dist/http/route.js';
import { NamedSchema } from '../../dist/http/schema.js';
import type { OpenApiDocument } from '../contract/document.js';
import { UNDOCUMENTED } from '../undocumented.js';

const ABOUT: About = { title: 'Test', version: '1', description: '', license: 'MIT', firstTags: [], isOpen: true };

function route(given: Partial<Route>, doc: Partial<Documentation> = {}): Route {
  return {
    method: 'GET',
    path: '/a',
    access: 'read',
    summary: 'Does `this`.',
    headers: [],
    bodyBytesMax: 0,
    handle: () => undefined,
    ...given,
    doc: { ...UNDOCUMENTED, ...doc },
  };
}

const documentOf = (routes: readonly Route[], about: Partial<About> = {}) =>
  JSON.parse(JSON.stringify(openApi(routes, { ...ABOUT, ...about })));

t.test('every route is in the document, but aliases', async (t) => {
  const routes = [
    route({ path: '/a' }, { id: 'one' }),
    route({ path: '/a', method: 'PUT' }, { id: 'two' }),
    route({ path: '/b' }, { id: 'three' }),
    route({ path: '/b/', aliasOf: '/b' }, { id: 'three' }),
  ];
  const { paths } = documentOf(routes) as OpenApiDocument;
  const operations = Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]);
  t.strictSame(operations, [
    ['/a', ['get', 'put']],
    ['/b', ['get']],
  ]);
});

t.test('an alias is one of a route that is there', async (t) => {
  t.throws(() => documentOf([route({ path: '/b', aliasOf: '/a' })]), /GET \/b is an alias of \/a, which there is not/);
  const other = [route({ path: '/a', method: 'PUT' }), route({ path: '/b', aliasOf: '/a' }, { id: 'other' })];
  t.throws(() => documentOf(other), /is an alias/);
});

t.test('a name means one thing', async (t) => {
  t.throws(() => documentOf([route({ path: '/a' }), route({ path: '/b' })]), /two routes are called test/);
  const replies = (schema: NamedSchema) => ({ replies: { 200: { description: '', content: { 'application/json': schema } } } });
  const routes = [
    route({ path: '/a' }, { id: 'one', ...replies(new NamedSchema('Same', { type: 'string' })) }),
    route({ path: '/b' }, { id: 'two', ...replies(new NamedSchema('Same', { type: 'integer' })) }),
  ];
  t.throws(() => documentOf(routes), /two schemas are called Same/);
});

t.test('documentation that contradicts its route is refused', async (t) => {
  const key = { name: 'key', in: 'path', description: '', schema: {} } as const;
  const cases: [Route, RegExp][] = [
    [route({ path: '/{key}' }), /has other parameters of the path/],
    [route({}, { parameters: [key] }), /has other parameters of the path/],
    [route({ headers: ['prefer', 'accept'] }), /has other headers than prefer/],
    [route({}, { parameters: [{ ...key, in: 'header' }] }), /has other headers/],
    [route({ bodyBytesMax: 1 }), /does not have a body where the route reads one/],
    [route({}, { parameters: [{ ...key, in: 'body' }] }), /has one where it does not/],
    [route({}, { examples: [{ title: 'Odd', send: { other: 1 }, reply: replied({}) }] }), /sends other, which is no parameter/],
    [route({}, { examples: [{ title: 'Odd', reply: replied({}) }] }), /with a reply that it does not have/],
  ];
  for (const [route, message] of cases) t.throws(() => documentOf([route]), message);
});

t.test('whether a token is needed follows from who may call, and from the server', async (t) => {
  const securityOf = (access: Route['access'], isOpen: boolean) =>
    documentOf([route({ access })], { isOpen }).paths['/a'].get.security;
  t.strictSame(securityOf('public', false), [{}]);
  t.strictSame(securityOf('write', false), [{ bearer: ['write'] }, { bare: ['write'] }]);
  t.strictSame(securityOf('write', true), [{}, { bearer: ['write'] }, { bare: ['write'] }]);
  t.strictSame(securityOf('account', true), [{ bearer: [] }, { bare: [] }]);
});

t.test('problems that follow from a route stand with it', async (t) => {
  const codesOf = (given: Partial<Route>, doc: Partial<Documentation>, isOpen: boolean): string[] => {
    const { responses } = documentOf([route(given, doc)], { isOpen }).paths['/a'].get;
    return Object.values<{ content: Record<string, { schema: { allOf: { properties: { code: { enum: string[] } } }[] } }> }>(
      responses,
    )
      .flatMap(({ content }) => content['application/problem+json']?.schema.allOf[1]?.properties.code.enum ?? [])
      .sort();
  };
  t.strictSame(codesOf({ access: 'public' }, { problems: ['not-found'] }, false), ['internal-error', 'not-found']);
  t.strictSame(codesOf({ access: 'read' }, {}, true), ['internal-error', 'loading', 'stopping']);
  const guarded = ['internal-error', 'loading', 'missing-token', 'stopping', 'too-many-failures', 'unknown-token'];
  t.strictSame(codesOf({ access: 'read' }, {}, false), guarded);
  t.strictSame(codesOf({ access: 'write' }, {}, false), ['insufficient-scope', ...guarded]);
  const bodies = { 'text/plain': {} };
  t.strictSame(codesOf({ access: 'public', bodyBytesMax: 5 }, { bodies }, false), ['body-too-large', 'internal-error']);
});

t.test('tags come in the order that was asked for, and the others after them', async (t) => {
  const tagged = (name: string) => route({ path: `/${name}` }, { id: name, tag: { name, description: '' } });
  const { tags } = documentOf(['a', 'b', 'c', 'd'].map(tagged), { firstTags: ['c', 'x', 'b'] });
  t.strictSame(
    tags.map(({ name }: { name: string }) => name),
    ['c', 'b', 'a', 'd'],
  );
});
