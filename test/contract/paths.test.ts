import { type Exchange, JSON_TYPE } from '../../dist/http/exchange.js';
import { bareContract, route } from './bare.js';
import { expectProblem } from './expectation.js';
import { encode, utf8 } from './wire.js';

const PATHS = ['/numbers', '/numbers/{key}', '/numbers/{key}/sources', '/numbers/{key}/sources/{source}'];

/** Says which route it is and what its parameters are. */
const routes = () => [
  ...PATHS.map((path) => route({ path, handle: (exchange) => tell(exchange, path, ['key', 'source']) })),
  route({ method: 'DELETE', path: '/numbers/{name}', handle: (exchange) => tell(exchange, 'deleted', ['name', 'key']) }),
];

function tell(exchange: Exchange, path: string, names: readonly string[]): void {
  exchange.reply(200, JSON_TYPE, JSON.stringify([path, ...names.map((name) => exchange.parameter(name))]));
}

bareContract(routes, (t, bare) => {
  t.test('a request goes where its path fits, and no key is kept from it by another route', async (t) => {
    const wire = await bare.connect(t);
    const [all, one, sources, source] = PATHS;
    for (const [target, path, key, name] of [
      ['/numbers', all, '', ''],
      ['/numbers?a/b', all, '', ''],
      ['/numbers/a', one, 'a', ''],
      ['/numbers/numbers', one, 'numbers', ''],
      ['/numbers/sources', one, 'sources', ''],
      ['/numbers/sources/sources', sources, 'sources', ''],
      ['/numbers/sources/sources/sources', source, 'sources', 'sources'],
      ['/numbers/a%2Fb', one, 'a%2Fb', ''],
      ['/numbers/a%2Fsources%2Fb', one, 'a%2Fsources%2Fb', ''],
      ['/numbers/a/sources/b', source, 'a', 'b'],
      ['/numbers/a%2Fb/sources/%41%2f', source, 'a%2Fb', '%41%2f'],
      ['/numbers/:parameter/sources/*', source, ':parameter', '*'],
      ['/numbers/{key}/sources/{source}?q=/', source, '{key}', '{source}'],
      ['/numbers/../sources/..', source, '..', '..'],
      ['/numbers/%20/sources/+', source, '%20', '+'],
    ] as const) {
      t.strictSame(JSON.parse((await wire.exchange(encode({ target }))).body), [path, key, name], target);
    }
  });

  t.test('an empty segment is no parameter', async (t) => {
    const wire = await bare.connect(t);
    for (const target of [
      '/numbers/',
      '/numbers//',
      '/numbers//sources',
      '/numbers//sources/b',
      '/numbers/a/sources/',
      '/numbers/a/sources//',
      '/numbers/a/sources/b/',
      '/numbers/a/other/b',
      '/numbers/a/b',
    ]) {
      for (const method of ['GET', 'DELETE']) expectProblem(t, await wire.exchange(encode({ method, target })), 404, 'not-found');
    }
  });

  t.test('routes of one path call its parameter what they like', async (t) => {
    const wire = await bare.connect(t);
    t.equal((await wire.exchange(encode({ method: 'DELETE', target: '/numbers/a' }))).body, '["deleted","a",""]');
    const reply = await wire.exchange(encode({ method: 'PUT', target: '/numbers/a' }));
    expectProblem(t, reply, 405, 'method-not-allowed');
    t.equal(reply.headers.get('allow'), 'GET, HEAD, DELETE');
    expectProblem(
      t,
      await wire.exchange(encode({ method: 'DELETE', target: '/numbers/a/sources/b' })),
      405,
      'method-not-allowed',
    );
  });

  if (bare.name === 'uws') {
    t.test('raw UTF-8 comes as its bytes', async (t) => {
      const wire = await bare.connect(t);
      const reply = await wire.exchange(encode({ target: `/numbers/${utf8('é')}/sources/${utf8('😀')}` }));
      t.strictSame(JSON.parse(reply.body), [PATHS[3], utf8('é'), utf8('😀')]);
    });
  }
});
