import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { expectCounted, expectProblem } from '../contract/expectation.js';
import { contract, serve, TRANSPORTS } from '../contract/service.js';
import { encode, post, type Reply } from '../contract/wire.js';
import { type Durability, drain, durability, keyed, postJson, stored } from './written.js';

const NEVER = { syncInterval: '10h' };

const FRESH: Durability = {
  seq: 0,
  durable_seq: 0,
  pending: 0,
  oldest_pending_ms: 0,
  last_drain: null,
  store: 'ok',
  recovered: { clean: true, lost_at_most: 0, durable_seq: 0 },
};

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('GET /durability of a fresh server is all zeros', async (t) => {
      const service = await serve(t, transport, NEVER);
      const reply = await (await service.connect(t)).exchange(encode({ target: '/durability' }));
      t.equal(reply.headers.get('content-type'), 'application/json');
      t.equal(reply.body, JSON.stringify(FRESH), 'its members are these, in this order');
    });

    t.test('GET /durability follows every write and every drain', async (t) => {
      const service = await serve(t, transport, NEVER);
      const wire = await service.connect(t);
      const fromMs = Date.now();
      for (let i = 1; i <= 5; i++) {
        const { body } = await wire.exchange(post(`key=a-${i}&value=100`));
        t.equal((JSON.parse(body) as { seq: number }).seq, i, 'the seq is the next one');
        t.match(await durability(wire), { seq: i, durable_seq: 0, pending: i, last_drain: null, store: 'ok' });
      }
      const ages = await until('the oldest write grows older', async () => {
        const { oldest_pending_ms: ms } = await durability(wire);
        return ms > 50 ? ms : undefined;
      });
      t.ok(ages <= Date.now() - fromMs + 1, 'it is no older than the test');
      const drained = JSON.parse((await wire.exchange(drain())).body) as Durability;
      t.match(drained, { seq: 5, durable_seq: 5, pending: 0, oldest_pending_ms: 0, store: 'ok', last_drain: { rows: 5 } });
      t.equal(stored(service.db, 'a-5'), 100, 'it is in the file');
      const at = Date.parse(drained.last_drain?.at ?? '');
      t.ok(at >= fromMs - 1 && at <= Date.now() + 1, 'the drain was now');
      t.ok((drained.last_drain?.ms ?? -1) > 0, 'it took some time');
      await wire.exchange(post('key=a-1'));
      t.match(await durability(wire), { seq: 6, durable_seq: 5, pending: 1 }, 'a write after it is pending');
    });

    t.test('the timer drains what nobody asked for', async (t) => {
      const service = await serve(t, transport, { syncInterval: '50ms' });
      const wire = await service.connect(t);
      await wire.exchange(post('key=timer&value=3'));
      await until('nothing is pending', async () => (await durability(wire)).pending === 0);
      t.equal(stored(service.db, 'timer'), 3);
    });

    t.test('a refused request takes no seq', async (t) => {
      const service = await serve(t, transport, NEVER);
      const wire = await service.connect(t);
      await wire.exchange(post('key=max&value=9223372036854775807'));
      for (const form of ['key=max', 'key=', 'key=a&value=x', 'key=a&durability=x', 'key=a&key=b']) {
        t.ok((await wire.exchange(post(form))).status >= 400);
      }
      t.equal((await durability(wire)).seq, 1);
    });

    t.test('POST /drain waits for what was accepted before it', async (t) => {
      const service = await serve(t, transport, NEVER);
      const wire = await service.connect(t);
      for (const request of [drain(), drain('', ''), drain('', 'seq=3'), drain('?seq=3')]) {
        const { seq } = await durability(wire);
        for (let i = seq; i < seq + 3; i++) await wire.exchange(post(`key=row-${i}`));
        const reply = await wire.exchange(request);
        for (let i = 0; i < 3; i++) t.equal(stored(service.db, `row-${i}`), 1, 'the row is in the file');
        expectDrained(t, reply, 3);
        await wire.exchange(drain());
      }
    });

    t.test('POST /drain with the seq of a write that is on disk drains nothing', async (t) => {
      const service = await serve(t, transport, NEVER);
      const wire = await service.connect(t);
      await wire.exchange(post('key=first&durability=disk'));
      await wire.exchange(post('key=second'));
      expectDrained(t, await wire.exchange(drain('?seq=1')), 1);
      t.equal((await durability(wire)).pending, 1, 'the second write is still pending');
      t.equal(stored(service.db, 'second'), undefined);
      expectDrained(t, await wire.exchange(drain('?seq=2')), 2);
      t.equal(stored(service.db, 'second'), 1);
    });

    t.test('POST /drain on a server that has counted nothing replies at once', async (t) => {
      const service = await serve(t, transport, NEVER);
      expectDrained(t, await (await service.connect(t)).exchange(drain()), 0);
    });

    t.test('POST /drain takes the seq of a write that was made, and nothing else', async (t) => {
      const service = await serve(t, transport, NEVER);
      const wire = await service.connect(t);
      for (let i = 0; i < 2; i++) await wire.exchange(post('key=two'));
      for (const seq of ['0', '3', '-1', '+1', '1.0', '1e0', '0x1', 'one', '', '%201', '9'.repeat(15), '9'.repeat(400)]) {
        expectProblem(t, await wire.exchange(drain(`?seq=${seq}`)), 400, 'invalid-parameter', 'seq');
        expectProblem(t, await wire.exchange(drain('', `seq=${seq}`)), 400, 'invalid-parameter', 'seq');
      }
      expectProblem(t, await wire.exchange(drain('?seq=1&seq=1')), 400, 'duplicate-parameter', 'seq');
      expectProblem(t, await wire.exchange(drain('?seq=1', 'seq=2')), 400, 'duplicate-parameter', 'seq');
      expectProblem(t, await wire.exchange(drain('?upto=1')), 400, 'unknown-parameter');
      expectProblem(t, await wire.exchange(drain('', 'x'.repeat(2_000))), 413, 'body-too-large');
      const other = await service.connect(t);
      t.match(await durability(other), { seq: 2, durable_seq: 0 }, 'nothing of that has drained');
      expectDrained(t, await other.exchange(drain('?seq=0001')), 2);
    });

    t.test('after a clean stop nothing is lost, and numbering goes on', async (t) => {
      const first = await serve(t, transport, NEVER);
      await (await first.connect(t)).exchange(post('key=kept&value=5'));
      await (await first.connect(t)).exchange(postJson({ key: 'kept' }, keyed('kept')));
      t.equal(await first.stop(), true);
      await t.test('the next run', async (t) => {
        const second = await serve(t, transport, { ...NEVER, db: first.db });
        const wire = await second.connect(t);
        const recovered = { clean: true, lost_at_most: 0, durable_seq: 2 };
        t.strictSame(await durability(wire), { ...FRESH, seq: 2, durable_seq: 2, recovered });
        const reply = await wire.exchange(post('key=kept'));
        expectCounted(t, reply, 'kept', '7');
        t.equal((JSON.parse(reply.body) as { seq: number }).seq, 3);
      });
    });
  });
}

contract((t, service) => {
  t.test('a HEAD of /durability has no body, and a GET of /drain is refused', async (t) => {
    const wire = await service.connect(t);
    t.strictSame((await wire.exchange(encode({ method: 'HEAD', target: '/durability' }))).status, 200);
    expectProblem(t, await wire.exchange(encode({ target: '/drain' })), 405, 'method-not-allowed');
    expectProblem(t, await wire.exchange(encode({ method: 'POST', target: '/durability', body: '' })), 405, 'method-not-allowed');
  });
});

/** That a reply to POST /drain says that everything up to `seq` at least is on disk. */
function expectDrained(t: Test, reply: Reply, seq: number): void {
  t.strictSame([reply.status, reply.headers.get('content-type')], [200, 'application/json']);
  const said = JSON.parse(reply.body) as Durability;
  t.strictSame(Object.keys(said), Object.keys(FRESH), 'it says what GET /durability says');
  t.ok(said.durable_seq >= seq, `${said.durable_seq} is not below ${seq}`);
}
