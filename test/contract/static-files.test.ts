import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Test } from 'tap';
import { STATIC_FILE_HEADERS, StaticFiles } from '../../dist/http/static-files.js';
import { type Bare, bareContract, route } from './bare.js';

const PAGE = 'a line that is there again and again\n'.repeat(1_000);
const SMALL = 'body {}';

function routes() {
  const files = new StaticFiles(
    new Map([
      ['page.html', { type: 'text/html; charset=utf-8', bytes: Buffer.from(PAGE) }],
      ['small.css', { type: 'text/css; charset=utf-8', bytes: Buffer.from(SMALL) }],
      ['image.png', { type: 'image/png', bytes: Buffer.alloc(5_000, 7) }],
    ]),
    { 'Content-Security-Policy': "default-src 'none'" },
  );
  return [
    route({
      path: '/files/{name}',
      headers: STATIC_FILE_HEADERS,
      handle: (exchange) => files.reply(exchange, exchange.parameter('name')),
    }),
  ];
}

bareContract(routes, (t, bare) => {
  t.test('a file is served with its type, and is not taken for another', async (t) => {
    const { status, headers, bytes } = await get(t, bare, '/files/page.html');
    t.equal(status, 200);
    t.equal(bytes.toString(), PAGE);
    t.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('content-security-policy'), "default-src 'none'", 'with the headers that all files have');
    t.notOk(headers.has('content-encoding'), 'as it is, for a client that does not say what else it takes');
  });

  t.test('a file is compressed for a client that takes it so', async (t) => {
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
    const accepted: [accept: string, encoding: keyof typeof decoders][] = [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['*', 'br'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
    ];
    for (const [accept, encoding] of accepted) {
      const { headers, bytes } = await get(t, bare, '/files/page.html', { 'Accept-Encoding': accept });
      t.equal(headers.get('content-encoding'), encoding, accept);
      t.equal(headers.get('vary'), 'Accept-Encoding');
      t.ok(bytes.length < PAGE.length / 10, `${bytes.length} bytes`);
      t.equal(decoders[encoding](bytes).toString(), PAGE);
    }
    for (const accept of ['identity', 'deflate', 'gzip;q=0']) {
      const { headers, bytes } = await get(t, bare, '/files/page.html', { 'Accept-Encoding': accept });
      t.notOk(headers.has('content-encoding'), accept);
      t.equal(bytes.toString(), PAGE);
    }
  });

  t.test('what would not gain by it is not compressed', async (t) => {
    for (const name of ['small.css', 'image.png']) {
      const { status, headers } = await get(t, bare, `/files/${name}`, { 'Accept-Encoding': 'br' });
      t.equal(status, 200);
      t.notOk(headers.has('content-encoding'), name);
    }
  });

  t.test('a client that has a file gets 304, with no body, and the connection goes on', async (t) => {
    const first = await get(t, bare, '/files/page.html', { 'Accept-Encoding': 'gzip' });
    const tag = first.headers.get('etag') ?? '';
    t.match(tag, /^"[\w-]+"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const wire = await bare.connect(t);
      const send = (method: string) =>
        wire.send(`${method} /files/page.html HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nIf-None-Match: ${known}\r\n\r\n`);
      for (const method of ['GET', 'HEAD', 'GET']) {
        send(method);
        const { status, headers } = await wire.head();
        t.equal(status, 304, `${method} ${known}`);
        t.equal(headers.get('etag'), tag);
        t.notOk(headers.has('content-length'), 'no length of a body that is not there');
        t.notOk(headers.has('transfer-encoding'));
      }
    }
    const other = await get(t, bare, '/files/page.html', { 'Accept-Encoding': 'br', 'If-None-Match': tag });
    t.equal(other.status, 200, 'another form of it has another tag');
  });

  t.test('what is no file is not found', async (t) => {
    for (const name of ['nothing.html', '..%2fpackage.json', '__proto__']) {
      t.equal((await get(t, bare, `/files/${name}`)).status, 404, name);
    }
  });
});

async function get(t: Test, bare: Bare, target: string, headers: Record<string, string> = {}) {
  const wire = await bare.connect(t);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  wire.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join('')}\r\n`);
  const head = await wire.head();
  return { status: head.status, headers: head.headers, bytes: Buffer.from(await wire.rest(), 'latin1') };
}
