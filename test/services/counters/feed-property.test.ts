import fc from 'fast-check';
import { test } from 'tap';
import type { Filter } from '../../../dist/services/counters/feed-reader.js';
import { holdsAsync } from '../../property.js';
import { type Client, FeedRig, type FeedRigOptions, made } from './feed-rig.js';

const KEYS = 40;

/** More rounds than it takes for everyone to have been told of everything. */
const ROUNDS_MAX = 500;

function keyOf(number: number): string {
  return `${number % 3}:${number}`;
}

/** Counters that change, and clients who follow them, come, stand still, and are cut off. */
class Model {
  readonly rig: FeedRig;
  readonly clients: Client[] = [];

  constructor(options: FeedRigOptions) {
    this.rig = new FeedRig(options);
  }

  increment(number: number, times: number): void {
    this.rig.increment(keyOf(number), times);
  }

  incrementAll(from: number, count: number): void {
    this.rig.incrementAll(Array.from({ length: count }, (_, i) => keyOf((from + i) % KEYS)));
  }

  set(number: number, value: number): void {
    made(this.rig.counters.set(keyOf(number), value, undefined));
  }

  delete(number: number): void {
    this.rig.counters.delete(keyOf(number));
  }

  open(number: number, ttlMs: number): void {
    this.rig.counters.step(keyOf(number), 1, { min: undefined, max: undefined, saturate: false, ttlMs });
  }

  pass(ms: number): void {
    this.rig.pass(ms);
  }

  async drain(): Promise<void> {
    await this.rig.drained();
  }

  /** Comes with nothing; with what it has read before; or with an id that it has from elsewhere. */
  async follow(kind: number, number: number): Promise<void> {
    const keys = Array.from({ length: 1 + (number % 7) }, (_, i) => keyOf((number + i * i) % KEYS));
    const filters: readonly Filter[] = [
      { prefix: '' },
      { prefix: `${number % 3}:` },
      { prefix: keyOf(number) },
      { keys: [...new Set(keys)] },
    ];
    const filter = filters[kind % filters.length] as Filter;
    const values = await this.rig.valuesOf(filter);
    const { seq } = this.rig.counters;
    const client = this.rig.follow(filter, [0, seq, seq + number][number % 3]);
    // What is no id of this file is taken for one later on, unless the client has learnt that much.
    if (number % 3 === 2) client.take('id: 0\n\n'.length);
    if (number % 3 === 1) for (const [key, value] of values) client.known.set(key, value);
    this.clients.push(client);
  }

  #client(index: number): Client | undefined {
    return this.clients[index % this.clients.length];
  }

  take(index: number, length: number): void {
    this.#client(index)?.take(length);
  }

  cut(index: number, length: number): void {
    this.#client(index)?.take(length);
    this.#client(index)?.cut();
  }

  resume(index: number): void {
    this.#client(index)?.resume();
  }

  leave(index: number): void {
    this.#client(index)?.cut();
    if (this.clients.length > 0) this.clients.splice(index % this.clients.length, 1);
  }

  tick(): void {
    this.rig.tick();
  }

  async turn(): Promise<void> {
    await this.rig.turns.pass();
  }

  async finish(): Promise<void> {
    for (const client of this.clients) client.resume();
    // Everyone is live before the last tick, or is told by it.
    for (let rounds = 0, idle = 0; idle < 3; rounds++) {
      if (rounds > ROUNDS_MAX) throw new Error('there is no end to what is sent');
      await this.rig.told();
      const taken = this.clients.map((client) => client.take());
      idle = taken.every((text) => text === '') ? idle + 1 : 0;
    }
    for (const { known, filter } of this.clients) check(known, await this.rig.valuesOf(filter), filter);
  }
}

function check(known: ReadonlyMap<string, unknown>, values: ReadonlyMap<string, unknown>, filter: Filter): void {
  const keys = new Set([...known.keys(), ...values.keys()]);
  for (const key of keys) {
    if (known.get(key) === values.get(key)) continue;
    throw new Error(`${key} is ${values.get(key)}, and ${known.get(key)} for one who follows ${JSON.stringify(filter)}`);
  }
}

test('whoever applies the events to what it knew knows the counters in the end, however often it was cut off', async (t) => {
  const number = fc.nat(KEYS - 1);
  const client = fc.nat(20);
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('increment' as const), number, fc.integer({ min: 1, max: 3 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('incrementAll' as const), number, fc.integer({ min: 1, max: KEYS })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('set' as const), number, fc.nat(1_000)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('delete' as const), number) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('open' as const), number, fc.integer({ min: 1, max: 100 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('pass' as const), fc.integer({ min: 1, max: 100 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('drain' as const)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('follow' as const), fc.nat(3), number) },
    { weight: 5, arbitrary: fc.tuple(fc.constant('take' as const), client, fc.nat(2_000)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('cut' as const), client, fc.nat(1_000)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('resume' as const), client) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('leave' as const), client) },
    { weight: 6, arbitrary: fc.tuple(fc.constant('tick' as const)) },
    { weight: 12, arbitrary: fc.tuple(fc.constant('turn' as const)) },
  );
  const options = fc.record({
    firstSeq: fc.constantFrom(0, 10),
    keysMax: fc.constantFrom(5, 20, 1_000),
    chunkLength: fc.constantFrom(1, 200, 1_000),
    bufferedMax: fc.constantFrom(100, 400, 10_000),
    sliceMs: fc.constantFrom(1, 5, 1_000),
  });
  await holdsAsync(
    t,
    fc.asyncProperty(
      options,
      fc.array(operation, { minLength: 20, maxLength: 150, size: 'max' }),
      async (options, operations) => {
        const model = new Model(options);
        try {
          for (const [name, ...parameters] of operations) {
            await (model[name] as (...parameters: number[]) => unknown).apply(model, parameters);
          }
          await model.finish();
        } finally {
          await model.rig.stop();
        }
      },
    ),
    Number(process.env.FEED_RUNS ?? 300),
  );
});
