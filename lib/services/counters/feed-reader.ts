import type { Caller } from '../../http/caller.js';
import type { EventStream } from '../../http/event-stream.js';

/** Which counters a reader follows: those named, or those whose keys begin with a prefix. */
export type Filter = { readonly keys: readonly string[] } | { readonly prefix: string };

/** Where a reader stands in a list of all the counters that it follows. */
export interface Listing {
  /** The write as of which it is given the list: every value in it is that old or newer. */
  readonly seq: number;
  /** The last key that it was sent. */
  after: string | undefined;
}

/** One who follows the feed. */
export class FeedReader {
  readonly #stream: EventStream;
  readonly #caller: Caller;
  readonly filter: Filter;
  readonly #keys: ReadonlySet<string> | undefined;
  /** Whether it gets what changes as it changes. If not, it is behind, and this is how far it was told: */
  isLive = false;
  /** of every change up to this write, */
  sentSeq: number;
  /** and of the next write's changes up to this place in the log. */
  sentPlace = 0;
  /** While it is given a list. */
  listing: Listing | undefined;
  /** It has not taken what it was sent: nothing more may be sent until its stream says so. */
  isBlocked = false;
  /** Its stream is over. */
  isOver = false;

  constructor(stream: EventStream, filter: Filter, sentSeq: number, caller: Caller) {
    this.#stream = stream;
    this.#caller = caller;
    this.filter = filter;
    this.sentSeq = sentSeq;
    this.#keys = 'keys' in filter ? new Set(filter.keys) : undefined;
  }

  /** Returns whether it keeps up. If not, the chunk is still sent. */
  write(chunk: string | Uint8Array): boolean {
    const keepsUp = this.#stream.write(chunk);
    if (!keepsUp) this.isBlocked = true;
    return keepsUp;
  }

  /** Ends the stream of one whose account has ended, or has another token now. */
  endIfInvalid(): void {
    if (!this.#caller.isValid) this.#stream.end();
  }

  fallBehind(sentSeq: number): void {
    this.isLive = false;
    this.sentSeq = sentSeq;
  }

  follows(key: string): boolean {
    return 'prefix' in this.filter ? key.startsWith(this.filter.prefix) : this.#keys?.has(key) === true;
  }
}
