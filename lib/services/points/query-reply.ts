import { ReplyBuffer, toBytes } from '../../http/reply-buffer.js';
import type { Tick } from './tick.js';
import type { Uniform } from './uniform.js';

const USERS = toBytes('{"users":[');
const ID = toBytes('{"id":');
const NEXT_ID = toBytes(',{"id":');
const POINTS = toBytes(',"points":');
const USER_END = toBytes('}');
const TIMESTAMP = toBytes('],"timestamp":');
const END = toBytes('}');

/** Answers who is above the threshold, and when it was asked before. */
export class QueryReply {
  readonly #uniform: Uniform;
  readonly #wallMs: () => number;
  readonly #buffer = new ReplyBuffer();
  /** The second of the query before, since 1970, and its text as bytes of JSON. */
  #second = 0;
  #timestamp = toBytes('null');

  constructor(uniform: Uniform, wallMs: () => number) {
    this.#uniform = uniform;
    this.#wallMs = wallMs;
  }

  /**
   * Makes the reply to a query: bytes that are valid until the next one. O(1), and the time of the
   * query is turned into text once a second.
   */
  make(tick: Tick): Uint8Array {
    const buffer = this.#buffer.clear().bytes(USERS);
    const ids = tick.pick(this.#uniform);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      buffer
        .bytes(i === 0 ? ID : NEXT_ID)
        .integer(id)
        .bytes(POINTS)
        .integer(tick.points[id - 1] as number)
        .bytes(USER_END);
    }
    buffer.bytes(TIMESTAMP).bytes(this.#timestamp).bytes(END);
    this.#remember();
    return buffer.view();
  }

  #remember(): void {
    const second = Math.floor(this.#wallMs() / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#timestamp = toBytes(`"${new Date(second * 1_000).toISOString().replace('.000Z', 'Z')}"`);
  }
}
