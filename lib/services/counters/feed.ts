import { Slices } from '../../engine/slices.js';
import { ANYONE, type Caller } from '../../http/caller.js';
import type { EventStream } from '../../http/event-stream.js';
import { Audience, type Group } from './audience.js';
import { CatchUp } from './catch-up.js';
import type { Change, ChangeLog } from './change-log.js';
import type { CounterTable } from './counter-table.js';
import type { Counters } from './counters.js';
import { counterEvent, mark } from './feed-event.js';
import { FeedReader, type Filter } from './feed-reader.js';

/** How often changes are sent: a counter that changes all the time makes so many events and no more. */
const TICK_MS = 100;
/** How often a reader hears something when nothing that it follows changes. */
const HEARTBEAT_TICKS = 15_000 / TICK_MS;
/** How long changes are noted after the last reader has left: it may come back. */
const LINGER_TICKS = 60_000 / TICK_MS;

/** A chunk that has so many characters is sent: with it a stream buffers about half of what it may, see BUFFERED_BYTES_MAX. */
const CHUNK_LENGTH = 32 * 1024;

/** Of one who was told of nothing yet. */
const NOTHING_SENT = -1;

/** Has a job done every so many milliseconds, until the function that it returns is called. */
export type Every = (ms: number, job: () => void) => () => void;

export interface FeedOptions {
  readonly counters: Counters;
  readonly table: CounterTable;
  readonly changes: ChangeLog;
  readonly slices?: Slices;
  readonly every?: Every;
  readonly chunkLength?: number;
}

/**
 * Tells readers which counters change: at each tick the newest value of each counter that changed.
 *
 * A reader is live, and gets each tick as it comes; or it is behind: it has just come, or has not
 * taken what it was sent. Nothing is kept for one that is behind but how far it was told. When it
 * can be written to, it catches up, and is live again when it has and no tick is under way.
 */
export class Feed {
  readonly #counters: Counters;
  readonly #table: CounterTable;
  readonly #changes: ChangeLog;
  readonly #slices: Slices;
  readonly #every: Every;
  readonly #chunkLength: number;
  readonly #catchUp: CatchUp;
  readonly #audience = new Audience();
  readonly #readers = new Set<FeedReader>();
  /** The last write of the runs before: who was told of that one may know of later ones that were lost. */
  #firstSeq = 0;
  #isTelling = false;
  #ticks = 0;
  #beatTick = 0;
  /** When the last reader left. */
  #leftTick = 0;
  #stop: () => void = () => undefined;

  constructor({ counters, table, changes, slices = new Slices(), every = everyMs, chunkLength = CHUNK_LENGTH }: FeedOptions) {
    this.#counters = counters;
    this.#table = table;
    this.#changes = changes;
    this.#slices = slices;
    this.#every = every;
    this.#chunkLength = chunkLength;
    const onReached = (reader: FeedReader) => {
      reader.isLive = !this.#isTelling && reader.sentSeq === changes.settledSeq;
    };
    this.#catchUp = new CatchUp({ counters, table, changes, slices, chunkLength, onReached });
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Starts to tell. All rows have been loaded before, and no write made. */
  start(): void {
    this.#firstSeq = this.#counters.seq;
    this.#stop = this.#every(TICK_MS, () => void this.#tick());
  }

  stop(): void {
    this.#stop();
  }

  /**
   * Adds a reader, until its stream is over.
   *
   * @param since the last write that it was told of. Without it, it is told of changes from now on,
   *   and one who named its counters of their values first.
   * @param caller its stream ends at the first tick at which the caller is not valid any more.
   */
  follow(stream: EventStream, filter: Filter, since: number | undefined, caller: Caller = ANYONE): void {
    if (!this.#changes.isActive) this.#changes.start(this.#counters.seq);
    const reader = new FeedReader(stream, filter, this.#sentSeq(filter, since), caller);
    this.#readers.add(reader);
    this.#audience.add(reader);
    stream.onClose(() => this.#leave(reader));
    stream.onWritable(() => {
      reader.isBlocked = false;
      this.#catchUp.add(reader);
    });
    // Whoever is cut off before it was told of anything comes back as one who was not.
    reader.write(mark(Math.max(reader.sentSeq, 0)));
    this.#catchUp.add(reader);
  }

  #sentSeq(filter: Filter, since: number | undefined): number {
    if (since === undefined) return 'keys' in filter ? NOTHING_SENT : this.#changes.settledSeq;
    // Nobody was told of a write that is still to come: that must have been another file's.
    return since > this.#firstSeq && since <= this.#counters.seq ? since : NOTHING_SENT;
  }

  #leave(reader: FeedReader): void {
    reader.isOver = true;
    this.#readers.delete(reader);
    this.#audience.remove(reader);
    this.#catchUp.remove(reader);
    this.#leftTick = this.#ticks;
  }

  /** Where a tick takes longer than the time to the next, that one is left out: its changes come with the one after. */
  async #tick(): Promise<void> {
    this.#ticks++;
    if (this.#isTelling || !this.#changes.isActive) return;
    for (const reader of this.#readers) reader.endIfInvalid();
    if (this.#readers.size === 0 && this.#ticks - this.#leftTick >= LINGER_TICKS) return this.#changes.stop();
    this.#isTelling = true;
    const before = this.#changes.settledSeq;
    const changes = this.#changes.settle(this.#counters.seq, (key) => this.#table.get(key)?.key ?? key);
    // More has changed than the log can hold: what it has is not all of it.
    if (this.#changes.horizon > before) this.#interrupt(before);
    else await this.#tell(changes, before);
    if (this.#ticks - this.#beatTick >= HEARTBEAT_TICKS) await this.#beat();
    this.#isTelling = false;
    for (const reader of this.#readers) this.#catchUp.add(reader);
  }

  /** Everyone is behind. */
  #interrupt(sentSeq: number): void {
    for (const reader of this.#readers) if (reader.isLive) reader.fallBehind(sentSeq);
  }

  /** Tells those who are live of the changes of a tick. @param before the last write of the tick before. */
  async #tell(changes: readonly Change[], before: number): Promise<void> {
    const touched = new Set<Group>();
    let sentSeq = before;
    for (let i = 0; i < changes.length; i++) {
      if (i === 0 || this.#slices.isOver) await this.#slices.next();
      const change = changes[i] as Change;
      const isWhole = change.seq !== changes[i + 1]?.seq;
      const length = this.#put(change, isWhole, touched);
      if (isWhole) sentSeq = change.seq;
      if (length >= this.#chunkLength || i === changes.length - 1) await this.#send(touched, sentSeq);
    }
  }

  /** Adds a change's event to the chunk of each group that follows its counter. Returns how long the longest of them is. */
  #put({ key, seq }: Change, isWhole: boolean, touched: Set<Group>): number {
    let event = '';
    let longest = 0;
    this.#audience.visit(key, (group) => {
      if (event === '') event = counterEvent(key, this.#counters.value(key), seq, isWhole);
      group.chunk += event;
      group.endsWithId = isWhole;
      touched.add(group);
      longest = Math.max(longest, group.chunk.length);
    });
    return longest;
  }

  /** Sends the groups their chunks. @param sentSeq what everyone who is live was told of then. */
  async #send(touched: Set<Group>, sentSeq: number): Promise<void> {
    for (const group of touched) {
      // The last change of its write may be one that this group does not follow.
      const bytes = Buffer.from(group.endsWithId ? group.chunk : group.chunk + mark(sentSeq));
      group.chunk = '';
      await this.#write(group.readers, bytes, sentSeq);
    }
    touched.clear();
  }

  /** Has everyone who is live hear something, and know how far it was told. */
  async #beat(): Promise<void> {
    this.#beatTick = this.#ticks;
    const { settledSeq } = this.#changes;
    await this.#write(this.#readers, Buffer.from(mark(settledSeq)), settledSeq);
  }

  /** Sends the same bytes to those readers who are live. Who comes while it lasts is not. */
  async #write(readers: Iterable<FeedReader>, bytes: Uint8Array, sentSeq: number): Promise<void> {
    for (const reader of readers) {
      if (!reader.isLive) continue;
      if (!reader.write(bytes)) reader.fallBehind(sentSeq);
      if (this.#slices.isOver) await this.#slices.next();
    }
  }
}

function everyMs(ms: number, job: () => void): () => void {
  const timer = setInterval(job, ms);
  return () => clearInterval(timer);
}
