import t, { type Test } from 'tap';
import { TRANSPORTS, type TransportName } from '../contract/service.js';
import { type Reply, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { withDatabase } from '../store/connection.js';
import { Random } from '../torture/random.js';
import { drain, durability, keptKeys } from '../writes/written.js';
import { Model, type Said } from './model.js';
import { nextStep, type Step } from './steps.js';

/** MODEL_SEED=… repeats a run; MODEL_STEPS=… makes it longer. */
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
const steps = Number(process.env.MODEL_STEPS ?? 5_000);

t.setTimeout(600_000);

/** Does one step with the server and with the model. Returns what is different. */
async function take(subject: Subject, model: Model, step: Step): Promise<string | undefined> {
  switch (step.type) {
    case 'increment':
      return difference(await subject.exchange(step.bytes), model.increment(step.increment), step.bytes);
    case 'read':
      return difference(await subject.exchange(step.bytes), model.read(step.key), step.bytes);
    case 'refused':
      return difference(await subject.exchange(step.bytes), { status: step.status }, step.bytes);
    case 'drain':
      return await subject.drain(model);
    case 'stop':
      return (await subject.stop(model)) ?? (await subject.restart(model, true));
    case 'kill':
      // What is on disk before a kill is there after it, and nothing else was acknowledged.
      return (await subject.drain(model)) ?? (await subject.kill()) ?? (await subject.restart(model, false));
  }
}

function difference(reply: Reply, expected: Said, bytes: string): string | undefined {
  const isReplayed = reply.headers.get('idempotency-replayed') === 'true';
  const isSame =
    reply.status === expected.status &&
    (expected.body === undefined || reply.body === expected.body) &&
    isReplayed === (expected.isReplayed ?? false);
  if (isSame) return undefined;
  return `${JSON.stringify(bytes)} got ${reply.status} ${reply.body} ${isReplayed}, not ${JSON.stringify(expected)}`;
}

/** The server under test, through all its lives. */
class Subject {
  readonly #t: Test;
  readonly #transport: TransportName;
  readonly #db: string;
  #server: ServerProcess | undefined;
  #wire: Wire | undefined;

  constructor(t: Test, transport: TransportName) {
    this.#t = t;
    this.#transport = transport;
    this.#db = `${t.testdir()}/numbers.db`;
  }

  async start(): Promise<void> {
    this.#server = await ServerProcess.serving(this.#t, this.#db, ['--transport', this.#transport, '--sync-interval', '1s']);
    this.#wire = await Wire.open(this.#server.port);
  }

  get wire(): Wire {
    if (this.#wire === undefined) throw new Error('it does not run');
    return this.#wire;
  }

  exchange(bytes: string): Promise<Reply> {
    return this.wire.exchange(bytes);
  }

  async drain(model: Model): Promise<string | undefined> {
    const { status, body } = await this.exchange(drain());
    const said = JSON.parse(body) as { seq: number; durable_seq: number; pending: number };
    if (status !== 200 || said.durable_seq !== model.seq || said.pending !== 0)
      return `a drain at ${model.seq} said ${status} ${body}`;
    return this.#fileDifference(model);
  }

  async stop(model: Model): Promise<string | undefined> {
    this.#server?.signal('SIGTERM');
    const exit = await this.#server?.exit;
    this.wire.close();
    return exit?.code === 0 ? this.#fileDifference(model) : `it stopped with ${JSON.stringify(exit)}`;
  }

  async kill(): Promise<undefined> {
    this.#server?.signal('SIGKILL');
    await this.#server?.exit;
    this.wire.close();
    return undefined;
  }

  /** Starts it again, with the file as it is, and takes over the numbering: after a kill it may go on further up. */
  async restart(model: Model, isClean: boolean): Promise<string | undefined> {
    await this.start();
    const { seq, durable_seq: durableSeq, recovered } = await durability(this.wire);
    const said = `after ${isClean ? 'a stop' : 'a kill'} at ${model.seq}: seq ${seq}, ${JSON.stringify(recovered)}`;
    if (recovered.clean !== isClean || recovered.durable_seq !== model.seq || durableSeq !== seq) return said;
    if (seq !== model.seq + recovered.lost_at_most || (isClean && recovered.lost_at_most > 0)) return said;
    model.seq = seq;
    return undefined;
  }

  #fileDifference(model: Model): string | undefined {
    const rows = withDatabase(this.#db, (file) => file.prepare('SELECT key, CAST(value AS TEXT) FROM numbers').raw().all()) as [
      string,
      string,
    ][];
    const off = rows.filter(([key, value]) => String(model.counters.get(key)) !== value);
    if (rows.length !== model.counters.size || off.length > 0) {
      return `the file has ${rows.length} counters, not ${model.counters.size}; ${JSON.stringify(off)} are wrong`;
    }
    const kept = keptKeys(this.#db);
    const known = new Set(model.idempotencyKeys);
    return kept.length === known.size && kept.every((key) => known.has(key))
      ? undefined
      : `the file has ${kept.length} keys, not ${known.size}`;
  }
}

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, ${steps} random steps have the answers that a plain Map gives`, async (t) => {
    t.comment(`MODEL_SEED=${seed}`);
    const random = new Random(seed);
    const subject = new Subject(t, transport);
    await subject.start();
    const model = new Model();
    const done = new Map<string, number>();
    let last: Step | undefined;
    for (let i = 0; i < steps; i++) {
      // Clients that had no answer repeat what they sent.
      const step: Step = last?.type === 'increment' && random.chance(0.1) ? last : nextStep(random, model);
      const fault = await take(subject, model, step);
      if (fault !== undefined) throw new Error(`step ${i} of MODEL_SEED=${seed}: ${fault}`);
      done.set(step.type, (done.get(step.type) ?? 0) + 1);
      last = step;
    }
    const fault = await take(subject, model, { type: 'stop' });
    t.equal(fault, undefined, 'at the end the file has all of it');
    for (const type of ['increment', 'read', 'refused', 'drain', 'stop', 'kill'])
      t.ok(done.get(type), `${type}: ${done.get(type)}`);
    t.ok(model.counters.size > 100 && model.idempotencyKeys.length > 100, 'there was something to count');
  });
}
