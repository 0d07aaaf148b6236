import t, { type Test } from 'tap';
import { TEXT_TYPE } from '../../dist/http/exchange.js';
import { BoundedReads } from '../../dist/services/counters/bounded-reads.js';
import { until } from '../condition.js';
import { type Bare, route, serveBare } from './bare.js';
import { expectProblem } from './expectation.js';
import { TRANSPORTS } from './service.js';
import { encode, type Wire } from './wire.js';

/** As many as there may be. */
const RUNNING = 16;
const WAITING = 64;

/** Reads that last until the test ends them, over a transport by itself. */
class Library {
  readonly #bare: Bare;
  /** Those that have come, and those that are under way, by the numbers that they were given. */
  readonly asked: string[] = [];
  readonly begun: string[] = [];
  readonly gone: string[] = [];
  readonly #ends = new Map<string, () => void>();

  private constructor(bare: Bare) {
    this.#bare = bare;
  }

  static async open(t: Test, name: Bare['name']): Promise<Library> {
    const reads = new BoundedReads();
    const routes = [
      route({
        path: '/read/{number}',
        handle: (exchange) => {
          const number = exchange.parameter('number');
          library.asked.push(number);
          const onAbort = exchange.onAbort.bind(exchange);
          exchange.onAbort = (drop) =>
            onAbort(() => {
              library.gone.push(number);
              drop();
            });
          reads.run(exchange, async () => {
            library.begun.push(number);
            await new Promise<void>((resolve) => library.#ends.set(number, resolve));
            exchange.reply(200, TEXT_TYPE, number);
          });
        },
      }),
      route({
        path: '/wait/{number}',
        handle: (exchange) => exchange.onAbort(() => library.gone.push(exchange.parameter('number'))),
      }),
      route({
        path: '/reply',
        handle: (exchange) => {
          exchange.onAbort(() => library.gone.push('replied'));
          exchange.reply(200, TEXT_TYPE, 'OK');
        },
      }),
    ];
    const library: Library = new Library(await serveBare(t, name, routes));
    return library;
  }

  connect(t: Test): Promise<Wire> {
    return this.#bare.connect(t);
  }

  /** Asks on a connection of its own, and returns when the server has heard it. */
  async ask(t: Test, number: number): Promise<Wire> {
    const wire = await this.connect(t);
    wire.send(encode({ target: `/read/${number}` }));
    await until(`${number} has come`, () => this.asked.includes(`${number}`));
    return wire;
  }

  end(number: number): void {
    this.#ends.get(`${number}`)?.();
  }
}

for (const name of TRANSPORTS) {
  t.test(`over ${name}`, async (t) => {
    t.test('so many reads run, so many wait, and more are refused with a name', async (t) => {
      const library = await Library.open(t, name);
      const wires: Wire[] = [];
      for (let i = 0; i < RUNNING + WAITING; i++) wires.push(await library.ask(t, i));
      t.equal(library.begun.length, RUNNING);

      const refused = await (await library.ask(t, 1_000)).reply();
      expectProblem(t, refused, 503, 'too-many-scans');

      // The second one in the line does not want to any more.
      wires[RUNNING + 1]?.close();
      await until('the server knows', () => library.gone.length > 0);
      library.end(0);
      t.equal((await (wires[0] as Wire).reply()).body, '0');
      library.end(1);
      await until('the next is let in', () => library.begun.length === RUNNING + 2);
      t.same(library.gone, [`${RUNNING + 1}`]);
      t.same(library.begun.slice(RUNNING), [`${RUNNING}`, `${RUNNING + 2}`], 'in their order, without the one that has gone');
    });

    t.test('who waits for too long is refused', async (t) => {
      const library = await Library.open(t, name);
      for (let i = 0; i < RUNNING; i++) await library.ask(t, i);
      const late = await (await library.ask(t, RUNNING)).reply();
      t.equal(late.status, 503);
      t.match(late.body, /16 are under way, and it waited for 2 s/);
      t.equal(library.begun.length, RUNNING);
    });

    t.test('a handler is told that its client has gone before the reply, and not after it', async (t) => {
      const library = await Library.open(t, name);
      const wire = await library.connect(t);
      t.equal((await wire.exchange(encode({ target: '/reply' }))).status, 200);
      wire.send(encode({ target: '/wait/1' }));
      wire.close();
      await until('the handler knows', () => library.gone.length > 0);
      t.same(library.gone, ['1']);
    });
  });
}
