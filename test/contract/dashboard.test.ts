import t from 'tap';
import { compose } from '../../dist/composition.js';
import { readConfig } from '../../dist/config.js';
import { ask } from './asking.js';
import { serveBare } from './bare.js';
import { contract, TRANSPORTS } from './service.js';
import { encode } from './wire.js';

/** What Chromium says that it takes. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

contract(
  (t, { connect, port }) => {
    t.test('a browser gets a page that may load and do nothing but what is its own', async (t) => {
      const wire = await connect(t);
      const { status, headers, body } = await ask(wire, 'GET', '/', undefined, { Accept: BROWSER });
      t.equal(status, 200);
      t.equal(headers.get('content-type'), 'text/html; charset=utf-8');
      t.match(body, /^<!doctype html>/);
      const policy = new Map(
        headers
          .get('content-security-policy')
          ?.split('; ')
          .map((rule) => [rule.split(' ')[0], rule]),
      );
      t.equal(policy.get('default-src'), "default-src 'none'");
      for (const name of ['script-src', 'style-src', 'img-src', 'connect-src']) t.equal(policy.get(name), `${name} 'self'`);
      for (const name of ['frame-ancestors', 'base-uri', 'form-action']) t.equal(policy.get(name), `${name} 'none'`);
      t.equal(headers.get('x-content-type-options'), 'nosniff');
      t.equal(headers.get('referrer-policy'), 'no-referrer');
      t.match(headers.get('vary'), /Accept.*Authorization/);
      t.notMatch(
        body,
        /<style|style=|<script>|<script(?![^>]*src)|\son[a-z]+=|https?:/,
        'nothing inline, nothing from elsewhere',
      );
    });

    t.test('programs and users get at / what they got without a page', async (t) => {
      const wire = await connect(t);
      for (const headers of [{}, { Accept: '*/*' }, { Accept: 'application/json' }, { Accept: 'application/json, text/html' }]) {
        t.match(
          await ask(wire, 'GET', '/', undefined, headers),
          { status: 401, json: { code: 'missing-token' } },
          JSON.stringify(headers),
        );
      }
      const wrong = await ask(wire, 'GET', '/', undefined, { Accept: BROWSER, Authorization: 'Bearer nobodys' });
      t.match(wrong, { status: 401, json: { code: 'unknown-token' } });
    });

    t.test('every file of the page is there, under a type of its own', async (t) => {
      const wire = await connect(t);
      const seen = new Set<string>();
      const { body } = await ask(wire, 'GET', '/', undefined, { Accept: BROWSER });
      const next = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
      for (let path = next.pop(); path !== undefined; path = next.pop()) {
        if (seen.has(path)) continue;
        seen.add(path);
        const file = await ask(wire, 'GET', path);
        t.equal(file.status, 200, path);
        t.match(file.headers.get('content-type'), path.endsWith('.js') ? /^text\/javascript;/ : /^(text\/css;|image\/svg)/, path);
        for (const [, name] of file.body.matchAll(/^import .*from '\.\/([^']+)';$/gm)) next.push(`/assets/${name}`);
      }
      t.ok(seen.has('/assets/uPlot.js'));
      t.ok(seen.size > 15, `${seen.size} files`);
    });

    t.test('a file comes in the form that the client takes', async (t) => {
      const origin = `http://127.0.0.1:${port}`;
      const wire = await connect(t);
      const plain = await ask(wire, 'GET', '/assets/style.css');
      t.equal(plain.headers.get('content-encoding'), undefined);
      for (const [accepted, encoding] of [
        ['gzip, deflate, br, zstd', 'br'],
        ['gzip', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
        ['identity', null],
        ['zstd', null],
      ] as const) {
        const response = await fetch(`${origin}/assets/style.css`, { headers: { 'Accept-Encoding': accepted } });
        t.equal(response.headers.get('content-encoding'), encoding, accepted);
        t.equal(await response.text(), plain.body, accepted);
        t.equal(response.headers.get('vary'), 'Accept-Encoding');
      }
    });

    t.test('who has a file already gets none, and the connection lives on', async (t) => {
      const wire = await connect(t);
      const { headers } = await ask(wire, 'GET', '/assets/style.css');
      const tag = headers.get('etag') ?? '';
      t.match(tag, /^"[\w-]+"$/);
      for (const sent of [tag, `W/${tag}`, `"other", ${tag}`]) {
        wire.send(encode({ target: '/assets/style.css', headers: { 'If-None-Match': sent } }));
        const again = await wire.head();
        t.equal(again.status, 304, sent);
        t.equal(again.headers.get('content-length'), undefined);
        t.equal(again.headers.get('etag'), tag);
      }
      t.equal((await ask(wire, 'GET', '/assets/style.css', undefined, { 'If-None-Match': '"other"' })).status, 200);
    });

    t.test('nothing but the files of the page is served', async (t) => {
      const wire = await connect(t);
      for (const name of [
        'none.js',
        'tsconfig.json',
        'style.css.br',
        '..',
        '.',
        '%2e%2e',
        '..%2findex.js',
        'style.css%00',
        '__proto__',
      ]) {
        t.match(await ask(wire, 'GET', `/assets/${name}`), { status: 404, json: { code: 'not-found' } }, name);
      }
      t.equal((await ask(wire, 'POST', '/assets/style.css')).status, 405);
    });
  },
  { auth: 'required' },
);

for (const name of TRANSPORTS) {
  t.test(`over ${name} the page is there while the counters are still being loaded`, async (t) => {
    const { routes, store } = compose(readConfig({}), { onStoreChange: () => undefined });
    t.teardown(() => store.close(undefined));
    const { connect } = await serveBare(t, name, routes);
    const wire = await connect(t);
    t.equal((await ask(wire, 'GET', '/', undefined, { Accept: BROWSER })).status, 200);
    t.equal((await ask(wire, 'GET', '/assets/main.js')).status, 200);
    t.match(await ask(wire, 'GET', '/stats'), { status: 503, json: { code: 'loading' } });
    t.match(await ask(wire, 'GET', '/'), { status: 503, json: { code: 'loading' } });
  });
}
