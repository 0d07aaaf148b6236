import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { expectProblem } from './expectation.js';
import { ownerOf } from './owner.js';
import { BlockReader } from './server-sent.js';
import { contract, type Service, serve, TRANSPORTS } from './service.js';
import { Closed, encode, type Reply, type Wire } from './wire.js';

/** Long enough for others to come meanwhile. */
const DELAY_MS = 300;

const LAB = { services: 'all', pointsUsers: 10, labDelay: `${DELAY_MS}ms` } as const;

const get = (path: string) => encode({ target: `/part1/${path}` });

interface Run {
  readonly run: number;
  readonly requests: number;
  readonly completed: number;
  readonly refused: number;
  readonly most_uses: number;
  readonly wait_p50_ms: number;
  readonly wait_max_ms: number;
}

interface Told {
  readonly samples?: readonly { readonly at: number; readonly uses: number; readonly waiting: number }[];
  readonly serial?: Run;
  readonly async?: Run;
  readonly delay_ms?: number;
  readonly limit?: number;
}

/** One who looks at the lab, and what it knows by now. */
class Viewer {
  readonly events: { readonly event: string; readonly told: Told }[] = [];
  readonly ended: Promise<void>;
  readonly wire: Wire;

  private constructor(wire: Wire) {
    this.wire = wire;
    this.ended = this.#read();
  }

  static async open(t: Test, service: Service, token?: string): Promise<Viewer> {
    const wire = await service.connect(t);
    wire.send(encode({ target: '/part1/events', headers: token === undefined ? {} : { Authorization: token } }));
    const { status } = await wire.head();
    if (status !== 200) throw new Error(`${status}`);
    return new Viewer(wire);
  }

  async #read(): Promise<void> {
    const reader = new BlockReader();
    try {
      for (let chunk = await this.wire.chunk(); chunk !== undefined; chunk = await this.wire.chunk()) {
        for (const { event, data } of reader.blocks(chunk)) {
          if (event !== undefined) this.events.push({ event, told: JSON.parse(data as string) as Told });
        }
      }
    } catch (error) {
      if (!(error instanceof Closed)) throw error;
    }
  }

  /** The newest that it was told of an endpoint. */
  run(name: 'serial' | 'async'): Run | undefined {
    return this.events.map(({ told }) => told[name]).findLast((run) => run !== undefined);
  }

  get mostUses(): number {
    return Math.max(0, ...this.events.flatMap(({ told }) => told.samples ?? []).map(({ uses }) => uses));
  }
}

/** Asks on so many connections at the same time. */
async function askAll(t: Test, service: Service, path: string, count: number): Promise<(Reply & { readonly ms: number })[]> {
  const wires = await Promise.all(Array.from({ length: count }, () => service.connect(t)));
  const startMs = performance.now();
  const replies = wires.map(async (wire) => ({ ...(await wire.exchange(get(path))), ms: performance.now() - startMs }));
  return Promise.all(replies);
}

contract((t, service) => {
  t.test('serial replies when its use is over, and others do not wait for that', async (t) => {
    const viewer = await Viewer.open(t, service);
    const replies = await askAll(t, service, 'serial', 20);
    for (const { status, headers, body, ms } of replies) {
      t.same([status, headers.get('content-type'), body], [200, 'text/plain; charset=utf-8', 'OK']);
      t.ok(ms >= DELAY_MS - 1, `after ${ms} ms`);
    }
    await until('all are over', () => viewer.run('serial')?.completed === 20);
    const run = viewer.run('serial') as Run;
    t.match(run, { requests: 20, refused: 0, most_uses: 20 });
    t.ok(run.wait_p50_ms >= DELAY_MS - 1, `half waited for ${run.wait_p50_ms} ms or less`);
    t.equal(viewer.mostUses, 20, 'all were uses at the same time');
  });

  t.test('async replies at once, and its uses go on behind', async (t) => {
    const viewer = await Viewer.open(t, service);
    const wire = await service.connect(t);
    const startMs = performance.now();
    for (let i = 0; i < 50; i++) t.equal((await wire.exchange(get('async'))).body, 'OK');
    const ms = performance.now() - startMs;
    await until('they are seen', () => viewer.mostUses > 1);
    t.ok(ms < 50 * DELAY_MS, `50 on one connection took ${ms} ms, one after the other`);
    await until('all are over', () => viewer.run('async')?.completed === 50);
    t.ok((viewer.run('async') as Run).wait_max_ms < DELAY_MS, 'nobody waited for a use');
  });

  t.test('a caller that goes leaves its use behind', async (t) => {
    const viewer = await Viewer.open(t, service);
    const wire = await service.connect(t);
    await until('it is told', () => viewer.run('serial') !== undefined);
    const before = viewer.run('serial') as Run;
    wire.send(get('serial'));
    wire.close();
    await until('its use is over', () => {
      const { run, completed } = viewer.run('serial') as Run;
      return completed === (run === before.run ? before.completed + 1 : 1);
    });
    t.equal((viewer.run('serial') as Run).refused, 0);
  });

  t.test('a viewer is told of everything first, then of what changes, ten times a second at the most', async (t) => {
    const viewer = await Viewer.open(t, service);
    await until('it is told', () => viewer.events.length > 0);
    const [first] = viewer.events;
    t.match(first, { event: 'state', told: { delay_ms: DELAY_MS, limit: 0, samples: [], serial: {}, async: {} } });
    const wire = await service.connect(t);
    const startMs = performance.now();
    while (performance.now() - startMs < 3 * DELAY_MS) await wire.exchange(get('async'));
    await until('all are over', () => {
      const run = viewer.run('async');
      return run !== undefined && run.completed === run.requests;
    });
    const ms = performance.now() - startMs;
    const changes = viewer.events.slice(1);
    t.ok(changes.every(({ event }) => event === 'change'));
    t.ok(changes.length <= ms / 100 + 2, `${changes.length} in ${ms} ms`);
    t.ok(changes.length >= 2);
    t.ok(
      changes.every(({ told }) => told.serial === undefined),
      'nothing is said of what has not changed',
    );
  });

  t.test('the page and its files are there', async (t) => {
    const wire = await service.connect(t);
    const page = await wire.exchange(encode({ target: '/part1' }));
    t.equal(page.status, 200);
    t.match(page.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'; style-src 'self'/);
    t.notMatch(page.body, /<script>|<style|style=|onclick/, 'nothing is inline');
    const files = [...page.body.matchAll(/(?:src|href)="(\/[^"]+\.[a-z]+)"/g)].map(([, file]) => file as string);
    t.ok(files.length >= 5);
    for (const target of files) t.equal((await wire.exchange(encode({ target }))).status, 200, target);
    expectProblem(t, await wire.exchange(encode({ target: '/part1/page/none.js' })), 404, 'not-found');
  });
}, LAB);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    t.test('a use beyond the limit is refused with 500, serial or async, until one is over', async (t) => {
      const service = await serve(t, transport, { ...LAB, labDelay: '1500ms', labLimit: 15 });
      const viewer = await Viewer.open(t, service);
      const replies = await askAll(t, service, 'serial', 20);
      t.equal(replies.filter(({ status }) => status === 200).length, 15);
      const refused = replies.filter(({ status }) => status !== 200);
      for (const reply of refused) expectProblem(t, reply, 500, 'resource-busy');
      const [one] = await askAll(t, service, 'async', 1);
      t.equal(one?.status, 200, 'there is room again');
      const behind = await askAll(t, service, 'async', 16);
      t.equal(behind.filter(({ status }) => status === 500).length, 2, 'the first one counts, too');
      await until('it is told', () => viewer.run('async')?.completed === 15);
      t.match(viewer.run('serial'), { requests: 20, completed: 15, refused: 5, most_uses: 15 });
      t.match(viewer.run('async'), { requests: 17, completed: 15, refused: 2 });
      t.equal(viewer.mostUses, 15);
    });

    t.test('with --auth required the page is public, and the lab needs a token', async (t) => {
      const service = await serve(t, transport, { ...LAB, auth: 'required' });
      const wire = await service.connect(t);
      t.equal((await wire.exchange(encode({ target: '/part1' }))).status, 200);
      for (const path of ['serial', 'async', 'events']) t.equal((await wire.exchange(get(path))).status, 401, path);
      const Authorization = await ownerOf(service).token({ scope: 'read', prefix: '' });
      const { body } = await wire.exchange(encode({ target: '/part1/serial', headers: { Authorization } }));
      t.equal(body, 'OK');
      const viewer = await Viewer.open(t, service, Authorization);
      const renewed = encode({ method: 'POST', target: '/user/token', headers: { Authorization, 'Content-Length': '0' } });
      t.equal((await wire.exchange(renewed)).status, 200);
      await viewer.ended;
    });

    t.test('a hundred may look, and no more', async (t) => {
      const service = await serve(t, transport, LAB);
      const viewers = await Promise.all(Array.from({ length: 100 }, () => Viewer.open(t, service)));
      const wire = await service.connect(t);
      expectProblem(t, await wire.exchange(get('events')), 503, 'too-many-readers');
      viewers[0]?.wire.close();
      await viewers[0]?.ended;
      const head = encode({ method: 'HEAD', target: '/part1/events' });
      await until('there is room', async () => (await wire.exchange(head)).status === 200);
    });

    t.test('uses behind do not hold a stop up, and callers that wait get their reply', async (t) => {
      const service = await serve(t, transport, { ...LAB, stopTimeout: '1m' });
      const wire = await service.connect(t);
      await wire.exchange(get('async'));
      wire.send(get('serial'));
      const viewer = await Viewer.open(t, service);
      await until('it waits', () => viewer.run('serial')?.requests === 1);
      const [isClean, reply] = await Promise.all([service.stop(), wire.reply()]);
      t.equal(isClean, true);
      t.equal(reply.body, 'OK');
      await viewer.ended;
    });

    t.test('a server without the lab knows nothing of it', async (t) => {
      const service = await serve(t, transport);
      const wire = await service.connect(t);
      for (const target of ['/part1', '/part1/serial', '/part1/async', '/part1/events']) {
        expectProblem(t, await wire.exchange(encode({ target })), 404, 'not-found');
      }
      const { body } = await wire.exchange(encode({ target: '/openapi.json' }));
      t.notMatch(body, /part1/);
    });
  });
}
