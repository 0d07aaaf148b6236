import fc from 'fast-check';
import t from 'tap';
import { BUFFERED_BYTES_MAX } from '../../dist/http/event-stream.js';
import { type Channel, StreamBuffer } from '../../dist/http/stream-buffer.js';

/** A client that takes what it is sent when the test says so. */
class Client implements Channel {
  sent = '';
  sends = 0;
  isEnded = false;
  #isReading = true;
  readonly open = new Set<StreamBuffer>();
  readonly stream = new StreamBuffer(this, this.open);

  send(bytes: Uint8Array): boolean {
    this.sent += Buffer.from(bytes).toString();
    this.sends++;
    return this.#isReading;
  }

  end(): void {
    this.isEnded = true;
  }

  stop(): void {
    this.#isReading = false;
  }

  read(): void {
    this.#isReading = true;
    this.stream.taken();
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), bytes: fc.oneof(fc.nat(100), fc.nat(BUFFERED_BYTES_MAX)) }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'read' as const, 'taken' as const) }),
);

t.test('everything that is written is sent, in order, whatever the client does', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, ends) => {
      const client = new Client();
      let written = '';
      let closed = 0;
      client.stream.onClose(() => closed++);
      for (const [i, step] of steps.entries()) {
        if (step.kind === 'write') {
          const text = String.fromCharCode(97 + (i % 26)).repeat(step.bytes);
          written += text;
          client.stream.write(i % 2 === 0 ? text : Buffer.from(text));
        } else if (step.kind === 'stop') client.stop();
        else if (step.kind === 'read') client.read();
        else client.stream.taken();
      }
      if (ends) client.stream.end();
      else client.read();
      const { stream, sent, isEnded, open } = client;
      return (
        sent === written &&
        isEnded === ends &&
        closed === (ends ? 1 : 0) &&
        open.has(stream) !== ends &&
        stream.bufferedBytes === 0
      );
    }),
    { numRuns: 2_000 },
  );
});

t.test(
  'a writer that waits when it is told never has more buffered than the bound and one chunk, and is always told to go on',
  async () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const client = new Client();
        let mayWrite = true;
        client.stream.onWritable(() => {
          if (mayWrite) throw new Error('told twice');
          mayWrite = true;
        });
        for (const step of steps) {
          if (step.kind === 'write' && mayWrite) mayWrite = client.stream.write('x'.repeat(step.bytes));
          else if (step.kind === 'stop') client.stop();
          else if (step.kind === 'read') client.read();
          if (client.stream.bufferedBytes > 2 * BUFFERED_BYTES_MAX) return false;
        }
        client.read();
        return mayWrite;
      }),
      { numRuns: 2_000 },
    );
  },
);

t.test('what is written while something is on its way goes out together', async (t) => {
  const client = new Client();
  client.stop();
  for (let i = 0; i < 10; i++) client.stream.write(`${i}`);
  t.equal(client.sent, '0');
  t.equal(client.stream.bufferedBytes, 10);
  client.read();
  t.equal(client.sent, '0123456789');
  t.equal(client.sends, 2);
});

t.test('a writer may write and end from its callbacks', async (t) => {
  const client = new Client();
  client.stop();
  client.stream.write('x'.repeat(BUFFERED_BYTES_MAX + 1));
  client.stream.onWritable(() => {
    client.stream.write('last');
    client.stream.end();
  });
  let closed = 0;
  client.stream.onClose(() => {
    closed++;
    client.stream.end();
  });
  client.read();
  t.match(client.sent, /xlast$/);
  t.equal(closed, 1);
  client.read();
  client.stream.close();
  t.equal(closed, 1);
});

t.test('when the client has gone nothing is kept, and nothing is sent', async (t) => {
  const client = new Client();
  client.stop();
  client.stream.write('a');
  client.stream.write('b');
  client.stream.close();
  t.equal(client.stream.bufferedBytes, 0);
  t.equal(client.stream.write('c'), false);
  client.stream.end();
  t.strictSame([client.sent, client.isEnded, client.open.size], ['a', false, 0]);
  let told = false;
  client.stream.onClose(() => {
    told = true;
  });
  t.equal(told, true, 'who asks late is told at once');
});
