import { encode, type Reply } from '../contract/wire.js';
import type { Random } from '../torture/random.js';
import { type Durability, drain } from '../writes/written.js';
import { FileCheck } from './file-check.js';
import { meet, meetUnanswered } from './meeting.js';
import type { Model } from './model.js';
import { Span } from './span.js';
import type { Step } from './steps/step.js';
import { readStored, type Stored } from './stored.js';
import type { Subject } from './subject.js';

/** How often commits come by themselves: with the last, only when they are asked for. */
const SYNC_INTERVALS = ['50ms', '200ms', '1s', '1h'];

const KILL_AFTER_MS_MAX = 8;

/** Drains, stops and kills the server, starts it again, and looks whether the file has what the model has. */
export class Lives {
  readonly #subject: Subject;
  readonly #model: Model;
  readonly #fileCheck = new FileCheck();

  constructor(subject: Subject, model: Model) {
    this.#subject = subject;
    this.#model = model;
  }

  begin(random: Random): Promise<void> {
    return this.#subject.start(random.pick(SYNC_INTERVALS));
  }

  async drain(random: Random): Promise<void> {
    const { seq } = this.#model;
    const upTo = seq > 0 && random.chance(0.3) ? random.between(1, seq) : undefined;
    const { status, body } = await this.#ask(drain(upTo === undefined ? '' : `?seq=${upTo}`));
    if (status !== 200) throw new Error(`a drain of ${upTo ?? seq} said ${status} ${body}`);
    this.#learn(JSON.parse(body) as Durability, upTo ?? seq);
    this.#checkFile();
  }

  async look(): Promise<void> {
    this.#learn(await this.#durability(), 0);
  }

  async #durability(): Promise<Durability> {
    const { status, body } = await this.#ask(encode({ target: '/durability' }));
    if (status !== 200) throw new Error(`GET /durability: ${status} ${body}`);
    return JSON.parse(body) as Durability;
  }

  async #ask(bytes: string): Promise<Reply> {
    const [reply] = await this.#subject.exchange([bytes]);
    return reply as Reply;
  }

  /** @param atLeast has to be on disk. */
  #learn(said: Durability, atLeast: number): void {
    const { seq, durable_seq: durableSeq, pending } = said;
    const isRight =
      this.#model.catchUp(seq, Date.now()) &&
      seq === this.#model.seq &&
      pending === seq - durableSeq &&
      durableSeq >= Math.max(atLeast, this.#model.durableSeq);
    if (!isRight) throw new Error(`at ${this.#model.seq}, of which ${atLeast} have to be on disk: ${JSON.stringify(said)}`);
    this.#model.onDisk(durableSeq);
  }

  async stop(random: Random): Promise<void> {
    const { seq } = this.#model;
    await this.#subject.stop();
    const stored = this.#checkFile();
    if (!stored.isClean || stored.seq < seq) throw new Error(`after a stop at ${seq} it is at ${stored.seq}, ${stored.isClean}`);
    await this.#restart(random, true, stored.seq);
  }

  /** @param isDrained whether everything is on disk before. */
  async kill(random: Random, isDrained: boolean): Promise<void> {
    if (isDrained) await this.drain(random);
    await this.#subject.kill();
    await this.#restart(random, false, this.#model.seq);
  }

  /** Kills it while it has a request, and a drain. */
  async killDuring(random: Random, step: Step): Promise<void> {
    const sentMs = Date.now();
    const acknowledgedSeq = this.#model.seq;
    const { reply, drained } = await this.#subject.killDuring(step.bytes, random.between(0, KILL_AFTER_MS_MAX));
    const moment = new Span(sentMs, Date.now());
    if (reply === undefined) meetUnanswered(this.#model, step, moment);
    else meet(this.#model, [{ step, reply }], moment);
    if (drained !== undefined) this.#model.onDisk((JSON.parse(drained.body) as Durability).durable_seq);
    await this.#restart(random, false, reply === undefined ? acknowledgedSeq : this.#model.seq);
  }

  /** @param acknowledgedSeq the last write that a client knows of. */
  async #restart(random: Random, isClean: boolean, acknowledgedSeq: number): Promise<void> {
    const model = this.#model;
    await this.begin(random);
    const said = await this.#durability();
    const { clean, durable_seq: recoveredSeq, lost_at_most: lostAtMost } = said.recovered;
    const lastSeq = recoveredSeq + lostAtMost;
    const isRight =
      clean === isClean &&
      (!isClean || lostAtMost === 0) &&
      // What was on disk is there, and no number is given to a second write.
      recoveredSeq >= model.durableSeq &&
      lastSeq >= acknowledgedSeq &&
      model.catchUp(recoveredSeq, Date.now());
    if (!isRight) {
      const was = `at ${model.seq}, acknowledged up to ${acknowledgedSeq}, on disk up to ${model.durableSeq}`;
      throw new Error(`after a ${isClean ? 'stop' : 'kill'} ${was}: ${JSON.stringify(said)}`);
    }
    model.restart(recoveredSeq, lastSeq, Date.now());
    this.#learn(said, lastSeq);
    this.#checkFile();
  }

  /** The file is as it was after the last write that it says it has; with all that was acknowledged as on disk. */
  #checkFile(): Stored {
    const model = this.#model;
    const stored = readStored(this.#subject.db);
    if (stored.seq < model.durableSeq || !model.catchUp(stored.seq, Date.now())) {
      throw new Error(`the file is at ${stored.seq}, the model at ${model.durableSeq} to ${model.seq}`);
    }
    const fault = model.timeline.asOf(stored.seq, () => this.#fileCheck.difference(stored, model));
    if (fault !== undefined) throw new Error(`the file at ${stored.seq}, with the model at ${model.seq}: ${fault}`);
    model.onDisk(stored.seq);
    return stored;
  }
}
