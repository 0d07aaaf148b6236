import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls';
import t, { type Test } from 'tap';
import { start, TlsError } from '../../dist/index.js';
import { until } from '../condition.js';
import { countAll, increment, readValue } from './asking.js';
import { CERTIFICATES, CertificateFiles, certFile, keyFile, SECURE } from './certificates.js';
import { EventClient } from './event-client.js';
import { expectCounted } from './expectation.js';
import { contract, type Service, serve, TRANSPORTS } from './service.js';
import { encode, post, Wire } from './wire.js';

contract((t, service) => {
  t.test('requests are answered as without it, pipelined ones too', async (t) => {
    const wire = await service.connect(t);
    for (let i = 1; i <= 20; i++) expectCounted(t, await wire.exchange(post('key=again')), 'again', `${i}`);
    wire.send(post('key=piped').repeat(5_000));
    const wrong: string[] = [];
    for (let i = 1; i <= 5_000; i++) {
      const { body } = await wire.reply();
      if (!body.startsWith(`{"key":"piped","value":${i},`)) wrong.push(body);
    }
    t.strictSame(wrong, []);
    t.equal((await increment(wire, { key: 'kept', durability: 'disk' })).json.durable, true);
    t.equal((await wire.exchange(encode({ method: 'HEAD', target: '/healthz' }))).status, 200);
  });

  t.test('a request may come in packets that end anywhere', async (t) => {
    const wire = await service.connect(t);
    const requests = post('key=cut').repeat(20);
    // The first line has to come whole: limitations.test.ts.
    const line = requests.indexOf('\r\n') + 2;
    for (let at = 0; at < requests.length; at += post('key=cut').length) {
      for (const [from, to] of [
        [0, line],
        [line, line + 7],
        [line + 7, post('key=cut').length],
      ] as const) {
        await wire.flush(requests.slice(at + from, at + to));
      }
    }
    for (let i = 1; i <= 20; i++) expectCounted(t, await wire.reply(), 'cut', `${i}`);
  });

  t.test('a batch of several MiB is taken, and so is its reply', async (t) => {
    const wire = await service.connect(t);
    const items = 100_000;
    const body = Array.from({ length: items }, (_, i) => `{"key":"large:${i}:${'x'.repeat(30)}","value":${i}}\n`).join('');
    t.ok(body.length > 5 * 2 ** 20, `${body.length} bytes`);
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const reply = await wire.exchange(encode({ method: 'POST', target: '/increments', headers, body }));
    t.equal(reply.status, 200);
    const { values } = JSON.parse(reply.body) as { values: number[] };
    t.strictSame(
      values,
      Array.from({ length: items }, (_, i) => i),
    );
    expectCounted(t, await wire.exchange(post('key=after-the-batch')), 'after-the-batch', '1');
  });

  t.test('a reader of events that stands still is told the newest values when it goes on', async (t) => {
    const wire = await service.connect(t);
    const client = await EventClient.open(t, service, 'prefix=still:');
    client.wire.pause();
    const rounds = 25;
    const keys = Array.from({ length: 1_000 }, (_, i) => `still:${i}:${'x'.repeat(400)}`);
    for (let round = 1; round <= rounds; round++) await countAll(wire, keys);
    client.wire.resume();
    for (const key of keys) await client.knows(key, rounds);
  });

  t.test('a client without TLS is refused, and so is one that says something else, without harm', async (t) => {
    const other = await service.connect(t);
    for (const bytes of [post('key=plain'), 'x', '\x16\x03\x01\x00\x00', `\x16\x03\x01\x40\x00${'\0'.repeat(2 ** 14)}`]) {
      const wire = await Wire.open(service.port);
      wire.send(bytes);
      wire.finish();
      await wire.closed;
      t.notMatch(await wire.rest(), /HTTP/, 'nothing but an alert');
    }
    t.equal(await readValue(other, 'plain'), undefined);
  });

  t.test('TLS 1.2 and 1.3 are spoken, and nothing older', async (t) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) t.equal(await spoken(service, version), version);
    for (const version of ['TLSv1', 'TLSv1.1'] as const) await t.rejects(spoken(service, version), { code: /VERSION/ }, version);
  });
}, SECURE);

/** The version that the server agrees to when a client offers only one. */
async function spoken({ port }: Service, version: NonNullable<ConnectionOptions['minVersion']>): Promise<string | null> {
  // Node itself would not offer the old ones.
  const ciphers = 'DEFAULT@SECLEVEL=0';
  const socket = connectSecurely({
    host: '127.0.0.1',
    port,
    ca: CERTIFICATES,
    minVersion: version,
    maxVersion: version,
    ciphers,
  });
  await once(socket, 'secureConnect');
  const protocol = socket.getProtocol();
  socket.destroy();
  return protocol;
}

async function serverName(t: Test, service: Service): Promise<unknown> {
  const wire = await service.connect(t);
  t.equal((await wire.exchange(encode({ target: '/healthz' }))).status, 200);
  return wire.serverName;
}

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('a new certificate is shown to new connections, and those that there are go on', async (t) => {
      const files = new CertificateFiles(t);
      const service = await serve(t, transport, files.options);
      const old = await service.connect(t);
      const client = await EventClient.open(t, service, 'prefix=');
      expectCounted(t, await increment(old, { key: 'a' }), 'a', '1');
      t.equal(old.serverName, 'first');
      // There and back: more than one change.
      for (const [name, value] of [
        ['second', 2],
        ['first', 3],
        ['second', 4],
      ] as const) {
        files.become(name);
        service.reload();
        t.equal(await serverName(t, service), name);
        expectCounted(t, await increment(old, { key: 'a' }), 'a', `${value}`);
        await client.knows('a', value);
        const between = await EventClient.open(t, service, 'key=a');
        await between.knows('a', value);
      }
    });

    t.test('the same files again change nothing', async (t) => {
      const files = new CertificateFiles(t);
      const service = await serve(t, transport, files.options);
      for (let i = 0; i < 3; i++) service.reload();
      t.equal(await serverName(t, service), 'first');
    });

    t.test('files that can not be used leave the old certificate, until they can be', async (t) => {
      const files = new CertificateFiles(t);
      const service = await serve(t, transport, files.options);
      const old = await service.connect(t);
      files.become('second', 'first');
      t.throws(
        () => service.reload(),
        new TlsError(`the key in ${files.tlsKey} does not fit the certificate in ${files.tlsCert}`),
      );
      t.equal(await serverName(t, service), 'first');
      writeFileSync(files.tlsCert, '');
      t.throws(() => service.reload(), { name: 'TlsError' });
      t.equal(await serverName(t, service), 'first');
      expectCounted(t, await increment(old, { key: 'a' }), 'a', '1');
      files.become('second');
      service.reload();
      t.equal(await serverName(t, service), 'second');
    });

    t.test('under load a new certificate costs no connection, neither one that there is nor one that is made', async (t) => {
      const files = new CertificateFiles(t);
      const service = await serve(t, transport, files.options);
      const seen = new Map<unknown, number>();
      let isOver = false;
      let kept = 0;
      const newcomers = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const wire = await Wire.openSecure(service.port);
          const { status } = await wire.exchange(post('key=new'));
          if (status !== 200) throw new Error(`${status}`);
          seen.set(wire.serverName, (seen.get(wire.serverName) ?? 0) + 1);
          wire.close();
        }
      });
      const regulars = Array.from({ length: 4 }, async () => {
        const wire = await service.connect(t);
        for (; !isOver; kept++) await increment(wire, { key: 'kept' });
      });
      for (let round = 0; round < 10; round++) {
        const name = round % 2 === 0 ? 'second' : 'first';
        files.become(name);
        service.reload();
        const before = seen.get(name) ?? 0;
        await until(`it shows ${name} again`, () => (seen.get(name) ?? 0) > before + 4);
      }
      isOver = true;
      await Promise.all([...newcomers, ...regulars]);
      const wire = await service.connect(t);
      const newcomersCount = [...seen.values()].reduce((sum, count) => sum + count);
      t.equal(await readValue(wire, 'new'), newcomersCount, `each of ${newcomersCount} was answered and counted`);
      t.equal(await readValue(wire, 'kept'), kept);
    });

    t.test('a stop ends connections of every certificate, those in their handshake too', async (t) => {
      const files = new CertificateFiles(t);
      const service = await serve(t, transport, files.options);
      const before = await service.connect(t);
      const following = await EventClient.open(t, service, 'prefix=');
      await increment(before, { key: 'a' });
      files.become('second');
      service.reload();
      const after = await service.connect(t);
      const alsoFollowing = await EventClient.open(t, service, 'prefix=');
      await increment(after, { key: 'a' });
      const silent = await Wire.open(service.port);
      // A connection that was made later is answered: the silent one has been taken.
      t.equal(await serverName(t, service), 'second');
      t.equal(await service.stop(), true, 'everything is on disk');
      await Promise.all([before.closed, after.closed, silent.closed]);
      t.strictSame(await Promise.all([following.ended, alsoFollowing.ended]), [true, true], 'event streams end in order');
      const socket = connect(service.port, '127.0.0.1');
      await t.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' });
    });

    t.test('without TLS there is nothing to reload', async (t) => {
      const service = await serve(t, transport);
      service.reload();
      const wire = await service.connect(t);
      expectCounted(t, await wire.exchange(post('key=a')), 'a', '1');
    });

    t.test('files that can not be used are refused at the start, in one line that names the file', async (t) => {
      const folder = t.testdir({
        'empty.pem': '',
        'broken.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
        'encrypted.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n',
      });
      const good = SECURE;
      const faults: [tlsCert: string, tlsKey: string, message: RegExp][] = [
        [`${folder}/none.pem`, good.tlsKey, /none\.pem.*no such file/],
        [good.tlsCert, `${folder}/none.key`, /none\.key.*no such file/],
        [folder, good.tlsKey, /illegal operation on a directory/],
        [`${folder}/empty.pem`, good.tlsKey, /empty\.pem has no certificate in PEM form/],
        [good.tlsKey, good.tlsKey, /first\.key has no certificate in PEM form/],
        [`${folder}/broken.pem`, good.tlsKey, /broken\.pem is damaged/],
        [good.tlsCert, `${folder}/empty.pem`, /empty\.pem is no private key in PEM form/],
        [good.tlsCert, good.tlsCert, /first\.pem is no private key in PEM form/],
        [good.tlsCert, `${folder}/encrypted.key`, /encrypted\.key is encrypted/],
        [certFile('first'), keyFile('second'), /second\.key does not fit .*first\.pem/],
      ];
      for (const [tlsCert, tlsKey, message] of faults) {
        const db = `${folder}/never.db`;
        await t.rejects(start({ port: '0', transport, db, tlsCert, tlsKey }), { name: 'TlsError', message }, `${message}`);
      }
    });
  });
}
