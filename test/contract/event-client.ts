import type { Test } from 'tap';
import { until } from '../condition.js';
import { Follower } from './server-sent.js';
import type { Service } from './service.js';
import { Closed, encode, type Reply, type Wire } from './wire.js';

/** A client that follows the feed over a connection of its own. */
export class EventClient extends Follower {
  readonly reply: Reply;
  readonly wire: Wire;
  /** All that it got. */
  text = '';
  /** Resolves when the stream is at its end: true where the server ended it in order. */
  readonly ended: Promise<boolean>;

  private constructor(wire: Wire, reply: Reply) {
    super();
    this.wire = wire;
    this.reply = reply;
    this.ended = this.#read();
  }

  /** @param query without the question mark. */
  static async open(
    t: Test,
    service: Service,
    query: string,
    lastEventId?: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<EventClient> {
    const wire = await service.connect(t);
    const headers = lastEventId === undefined ? more : { ...more, 'Last-Event-ID': `${lastEventId}` };
    wire.send(encode({ target: `/events?${query}`, headers }));
    const reply = await wire.head();
    if (reply.status !== 200) throw new Error(`${reply.status} for ${query}`);
    return new EventClient(wire, reply);
  }

  async #read(): Promise<boolean> {
    try {
      for (let chunk = await this.wire.chunk(); chunk !== undefined; chunk = await this.wire.chunk()) {
        this.text += chunk;
        this.receive(chunk);
      }
      return true;
    } catch (error) {
      if (error instanceof Closed) return false;
      throw error;
    }
  }

  /** Waits until it knows of this value; without one, until it knows of no such counter. */
  async knows(key: string, value?: number | string): Promise<void> {
    await until(`${key} is ${value}`, () => this.known.get(key) === value);
  }

  /** Waits until it was told of everything up to a write. */
  async reaches(seq: number): Promise<void> {
    await until(`it is told of write ${seq}`, () => this.lastId !== undefined && this.lastId >= seq);
  }
}
