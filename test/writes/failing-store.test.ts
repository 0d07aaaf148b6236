import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { expectProblem } from '../contract/expectation.js';
import { type Service, serve, TRANSPORTS } from '../contract/service.js';
import { encode, post, type Reply, type Wire } from '../contract/wire.js';
import { HeldFile } from './held-file.js';
import { counted, drain, durability, expectReplay, keptKeys, keyed, stored } from './written.js';

const NEVER = '10h';

/** Long enough for a file that is let go of at once, however busy the machine is. */
const PATIENT = { syncInterval: NEVER, diskTimeout: '60s' };

/** So short that it is over while the file is held. */
const IMPATIENT = { syncInterval: NEVER, diskTimeout: '200ms' };

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('a disk write waits until the disk has it, and memory writes do not wait for it', async (t) => {
      const service = await serve(t, transport, PATIENT);
      const wire = await service.connect(t);
      await wire.exchange(post('key=warm'));
      const held = new HeldFile(t, service.db);
      const waiting = await sent(t, service, post('key=slow&durability=disk'), 2);
      for (let i = 0; i < 10; i++) t.equal((await wire.exchange(post('key=quick'))).status, 200);
      t.equal(waiting.reply, undefined, 'it has no reply yet');
      t.equal(stored(service.db, 'slow'), undefined);
      held.release();
      t.equal((await waiting.replied).status, 200);
      t.equal(stored(service.db, 'slow'), 1, 'it is on disk when the reply is there');
    });

    t.test('a repeat while the first waits for the disk waits with it', async (t) => {
      const service = await serve(t, transport, PATIENT);
      const held = new HeldFile(t, service.db);
      const bytes = post('key=twice&durability=disk', keyed('twice'));
      const first = await sent(t, service, bytes, 1);
      const repeats = [await sent(t, service, bytes, 1), await sent(t, service, bytes, 1)];
      t.strictSame(
        [first.reply, ...repeats.map(({ reply }) => reply)],
        [undefined, undefined, undefined],
        'none has a reply yet',
      );
      held.release();
      const original = await first.replied;
      t.match(original.body, /"durable":true/);
      for (const repeat of repeats) expectReplay(t, await repeat.replied, original);
      t.equal(stored(service.db, 'twice'), 1, 'it counted once');
    });

    t.test('a repeat that would be content with memory waits all the same, as the reply says that it is on disk', async (t) => {
      const service = await serve(t, transport, PATIENT);
      // Memory writes are acknowledged at once from here on.
      await (await service.connect(t)).exchange(post('key=warm'));
      const held = new HeldFile(t, service.db);
      const first = await sent(t, service, post('key=claim&durability=disk', keyed('claim')), 2);
      const repeat = await sent(t, service, post('key=claim&durability=memory', keyed('claim')), 2);
      t.equal(repeat.reply, undefined, 'it has no reply yet');
      held.release();
      const original = await first.replied;
      expectReplay(t, await repeat.replied, original);
    });

    t.test('a repeat that asks for the disk waits for it, though the first was content with memory', async (t) => {
      const service = await serve(t, transport, PATIENT);
      const wire = await service.connect(t);
      const original = await wire.exchange(post('key=more', keyed('more')));
      const held = new HeldFile(t, service.db);
      const repeat = await sent(t, service, post('key=more&durability=disk', keyed('more')), 1);
      t.equal(repeat.reply, undefined, 'it has no reply yet');
      held.release();
      expectReplay(t, await repeat.replied, original);
      t.equal(stored(service.db, 'more'), 1, 'it is on disk when the reply is there');
    });

    t.test('a client that is gone before the disk is done gets its reply on the next connection', async (t) => {
      const service = await serve(t, transport, PATIENT);
      const held = new HeldFile(t, service.db);
      const bytes = post('key=gone&durability=disk', keyed('gone'));
      const first = await sent(t, service, bytes, 1);
      first.wire.reset();
      const repeat = await sent(t, service, bytes, 1);
      held.release();
      const reply = await repeat.replied;
      t.equal(reply.headers.get('idempotency-replayed'), 'true');
      t.match(JSON.parse(reply.body), { key: 'gone', value: 1, seq: 1, durable: true });
      t.equal(stored(service.db, 'gone'), 1, 'it counted once');
    });

    t.test('a disk that takes too long is a 503, and the write counts once when it has recovered', async (t) => {
      const service = await serve(t, transport, IMPATIENT);
      const wire = await service.connect(t);
      const held = new HeldFile(t, service.db);
      const bytes = post('key=late&value=5&durability=disk', keyed('late'));
      const refused = await wire.exchange(bytes);
      expectUnavailable(t, refused);
      t.equal(await counted(wire, 'late'), 5, 'it is counted in memory');
      t.strictSame([stored(service.db, 'late'), keptKeys(service.db)], [undefined, []], 'it is not on disk');
      expectUnavailable(t, await wire.exchange(bytes), 'a repeat is not told otherwise');
      expectUnavailable(
        t,
        await wire.exchange(post('key=late&value=5&durability=memory', keyed('late'))),
        'nor is one that would be content with memory',
      );
      await until('the store is said to fail', async () => (await durability(wire)).store === 'failing');
      t.equal((await wire.exchange(encode({ target: '/readyz' }))).status, 503, 'the server wants no traffic');
      t.equal((await wire.exchange(encode({ target: '/healthz' }))).status, 200, 'and no restart');
      held.release();
      const reply = await untilAnswered(wire, bytes);
      t.equal(stored(service.db, 'late'), 5, 'it is on disk when the reply is there');
      t.strictSame(
        [reply.headers.get('idempotency-replayed'), JSON.parse(reply.body)],
        ['true', { key: 'late', value: 5, seq: 1, durable: true }],
        'the retry gets what the first one would have got',
      );
      expectReplay(t, await wire.exchange(bytes), reply);
      t.match(await durability(wire), { seq: 1, durable_seq: 1, pending: 0, store: 'ok' }, 'all is well again');
    });

    t.test('without an Idempotency-Key the reply warns that a repeat counts again', async (t) => {
      const service = await serve(t, transport, IMPATIENT);
      const wire = await service.connect(t);
      const held = new HeldFile(t, service.db);
      const bytes = post('key=again&durability=disk');
      expectUnavailable(t, await wire.exchange(bytes));
      held.release();
      const reply = await untilAnswered(wire, bytes);
      const { value } = JSON.parse(reply.body) as { value: number };
      t.ok(value >= 2, 'every attempt has counted');
      t.equal(stored(service.db, 'again'), value);
    });

    t.test('POST /drain is a 503 too while the store fails', async (t) => {
      const service = await serve(t, transport, IMPATIENT);
      const wire = await service.connect(t);
      await wire.exchange(post('key=first&durability=disk'));
      const held = new HeldFile(t, service.db);
      await wire.exchange(post('key=second'));
      expectProblem(t, await wire.exchange(drain()), 503, 'store-unavailable');
      t.equal((await wire.exchange(drain('?seq=1'))).status, 200, 'what is on disk needs no drain');
      held.release();
      await untilAnswered(wire, drain());
      t.equal(stored(service.db, 'second'), 1);
    });

    t.test('while the store fails, memory writes and repeats of them are answered, and counted once', async (t) => {
      const service = await serve(t, transport, { syncInterval: '50ms', diskTimeout: '200ms' });
      const wire = await service.connect(t);
      const held = new HeldFile(t, service.db);
      const originals: Reply[] = [];
      for (let i = 0; i < 20; i++) originals.push(await wire.exchange(post(`key=on-${i}`, keyed(`on-${i}`))));
      t.same([...new Set(originals.map(({ status }) => status))], [200]);
      await until('the store is said to fail', async () => (await durability(wire)).store === 'failing');
      for (const [i, original] of originals.entries()) {
        expectReplay(t, await wire.exchange(post(`key=on-${i}`, keyed(`on-${i}`))), original);
      }
      held.release();
      await until('all is on disk', async () => (await durability(wire)).pending === 0);
      t.strictSame([stored(service.db, 'on-0'), stored(service.db, 'on-19'), keptKeys(service.db).length], [1, 1, 20]);
    });
  });
}

interface Sending {
  readonly wire: Wire;
  readonly replied: Promise<Reply>;
  /** The reply, once it is there. */
  reply: Reply | undefined;
}

/** Sends a request on a connection of its own, and goes on when the server has read it and made writes up to `seq`. */
async function sent(t: Test, service: Service, bytes: string, seq: number): Promise<Sending> {
  const wire = await service.connect(t);
  await wire.flush(bytes);
  const sending: Sending = { wire, replied: wire.reply(), reply: undefined };
  sending.replied.then(
    (reply) => {
      sending.reply = reply;
    },
    () => undefined,
  );
  const other = await service.connect(t);
  await until('the write is made', async () => (await durability(other)).seq >= seq);
  // What was sent before this connection was made has been read when it is answered. Twice: a reply that
  // goes out at once is then here as well.
  for (let i = 0; i < 2; i++) await durability(other);
  return sending;
}

async function untilAnswered(wire: Wire, bytes: string): Promise<Reply> {
  return until('the store has recovered', async () => {
    const reply = await wire.exchange(bytes);
    return reply.status === 503 ? undefined : reply;
  });
}

function expectUnavailable(t: Test, reply: Reply, why = 'the write did not reach the disk'): void {
  t.comment(why);
  expectProblem(t, reply, 503, 'store-unavailable');
  t.notOk(reply.headers.has('idempotency-replayed'), 'a refusal is no replay');
  const { detail } = JSON.parse(reply.body) as { detail: string };
  t.match(detail, /counted in memory/, 'it says that the write is counted');
  t.match(detail, /same Idempotency-Key/, 'it says how to repeat it');
}
