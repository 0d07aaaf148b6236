import t, { type Test } from 'tap';
import { SECURE } from './certificates.js';
import { expectCounted } from './expectation.js';
import { type Service, serve, TRANSPORTS } from './service.js';
import { encode, post, Wire } from './wire.js';

/** The limit is 10 s; the transports look at their clocks every 1 to 4 s. */
const CUT_OFF_MS = 20_000;

// All of them wait most of the time: they wait together.
t.jobs = 4;
for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, { buffered: true }, async (t) => clientsOf(t, await serve(t, transport)));
  t.test(`over ${transport} and TLS`, { buffered: true }, async (t) => {
    const service = await serve(t, transport, SECURE);
    handshakesWith(t, service);
    clientsOf(t, service);
  });
}

function handshakesWith(t: Test, { port }: Service): void {
  for (const [name, beginning, byte] of [
    ['says nothing', '', ''],
    ['stops in its handshake', HELLO, ''],
    ['makes its handshake a byte a second', HELLO, '\0'],
  ] as const) {
    t.test(`a client that ${name} is cut off before TLS`, { buffered: true }, async (t) => {
      const wire = await Wire.open(port);
      t.teardown(() => wire.close());
      wire.send(beginning);
      await expectCutOff(t, wire, byte);
    });
  }
}

/** The beginning of a ClientHello of 512 bytes (RFC 8446, section 4). */
const HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03';

function clientsOf(t: Test, service: Service): void {
  t.jobs = 10;

  const slow = { Connection: 'keep-alive', 'Content-Length': '100' };
  const beginnings: readonly (readonly [name: string, beginning: string, byte: string])[] = [
    ['says nothing', '', ''],
    ['stops in its headers', 'POST /increment HTTP/1.1\r\nHost: local', ''],
    ['sends its headers a byte a second', 'POST /increment HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x'],
    ['stops in its body', `${encode({ method: 'POST', target: '/increment', headers: slow })}key=slow`, ''],
    ['sends its body a byte a second', `${encode({ method: 'POST', target: '/increment', headers: slow })}key=slow`, 'x'],
    [
      'sends its chunked body a byte a second',
      `${encode({ method: 'POST', target: '/increment', headers: { 'Transfer-Encoding': 'chunked' } })}64\r\nkey=slow`,
      'x',
    ],
  ];
  for (const [name, beginning, byte] of beginnings) {
    t.test(`a client that ${name} is cut off`, { buffered: true }, async (t) => {
      const wire = await service.connect(t);
      wire.send(beginning);
      await expectCutOff(t, wire, byte);
    });
  }

  for (const method of ['GET', 'HEAD']) {
    t.test(`a client that says nothing after a ${method} request is cut off`, { buffered: true }, async (t) => {
      const wire = await service.connect(t);
      t.equal((await wire.exchange(encode({ method, target: '/healthz' }))).status, 200);
      await expectCutOff(t, wire, '');
    });
  }

  t.test('a client that takes its time between requests is not cut off', { buffered: true }, async (t) => {
    const wire = await service.connect(t);
    for (let i = 1; i <= 4; i++) {
      expectCounted(t, await wire.exchange(post('key=thoughtful')), 'thoughtful', `${i}`);
      await new Promise((resolve) => setTimeout(resolve, 4_000));
    }
    t.equal(await unread(service, t), 404, 'and those who were too slow counted nothing');
  });
}

/** That the server closes the connection, though the client goes on sending `byte` every second. */
async function expectCutOff(t: Test, wire: Wire, byte: string): Promise<void> {
  const sending = setInterval(() => wire.send(byte), 1_000);
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, CUT_OFF_MS, 'late').unref());
  t.not(await Promise.race([wire.closed, late]), 'late', 'it is closed in time');
  clearInterval(sending);
}

async function unread(service: Service, t: Test): Promise<number> {
  const wire = await service.connect(t);
  return (await wire.exchange(encode({ target: '/numbers/slow' }))).status;
}
