import t from 'tap';
import { Cors, corsFor } from '../../dist/http/cors.js';
import type { HeaderName } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';

const APP = 'https://app.example';

const sent = (headers: Partial<Record<HeaderName, string>>) => (name: HeaderName) => headers[name] ?? '';
const preflight = (origin: string) => sent({ origin, 'access-control-request-method': 'PUT' });

t.test('without an origin there is nothing to do', async (t) => {
  t.equal(corsFor([]), undefined);
  t.ok(corsFor([APP]) instanceof Cors);
});

t.test('an origin is allowed by its whole text, and every reply depends on it', async (t) => {
  const cors = new Cors([APP, 'http://localhost:8080']);
  t.match(cors.headersFor(APP), { 'Access-Control-Allow-Origin': APP, Vary: 'Origin' });
  t.match(cors.headersFor('http://localhost:8080'), { 'Access-Control-Allow-Origin': 'http://localhost:8080', Vary: 'Origin' });
  for (const origin of [
    '',
    'null',
    `${APP}:8443`,
    'http://app.example',
    `${APP}.evil.example`,
    'https://evil-app.example',
    '__proto__',
  ]) {
    t.strictSame(cors.headersFor(origin), { Vary: 'Origin' }, origin);
  }
});

t.test('where any origin is allowed, all replies are alike', async (t) => {
  for (const cors of [new Cors(['*']), new Cors([APP, '*'])]) {
    for (const origin of ['', 'null', APP]) {
      const headers = cors.headersFor(origin);
      t.equal(headers['Access-Control-Allow-Origin'], '*');
      t.notOk('Vary' in headers);
    }
  }
});

t.test('a preflight is OPTIONS with an origin and the method that it asks for, and nothing else is one', async (t) => {
  const cors = new Cors([APP]);
  t.match(cors.preflight('OPTIONS', preflight(APP), 'GET, HEAD'), { 'Access-Control-Allow-Methods': 'GET, HEAD' });
  t.equal(cors.preflight('PUT', preflight(APP), 'GET'), undefined);
  t.equal(cors.preflight('OPTIONS', preflight(''), 'GET'), undefined);
  t.equal(cors.preflight('OPTIONS', sent({ origin: APP }), 'GET'), undefined);
});

t.test('one of another origin is refused', async (t) => {
  const refusal = new Cors([APP]).preflight('OPTIONS', preflight('https://evil.example'), 'GET');
  t.ok(refusal instanceof Problem);
  t.match(refusal, { code: 'origin-not-allowed', status: 403, detail: /https:\/\/evil\.example/ });
});
