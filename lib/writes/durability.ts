import type { WriteBehind } from '../engine/write-behind.js';
import type { Exchange, Headers } from '../http/exchange.js';
import { Problem } from '../http/problem.js';

/** What a 200 means: that the write is in memory, or that it is on disk. */
export type Durability = 'memory' | 'disk';

/** Reads the parameter `durability`. */
export function readDurability(text: string | undefined, byDefault: Durability): Durability | Problem {
  if (text === undefined) return byDefault;
  if (text === 'memory' || text === 'disk') return text;
  return new Problem('invalid-parameter', 'durability must be memory or disk', 'durability');
}

/** How many replies wait for a commit at the most. */
const WAITING_MAX = 65_536;

/** A reply that is ready, and waits for nothing but its write to be as durable as was asked. */
export interface ReadyReply {
  readonly type: string;
  readonly body: string;
  readonly headers?: Headers | undefined;
}

/** Why a write can't be made wait for the disk now. To be asked before it is made. */
export function refuseToWait(writes: WriteBehind, durability: Durability): Problem | undefined {
  if (durability === 'memory' || writes.waiting < WAITING_MAX) return undefined;
  return new Problem('too-many-waiting', `${WAITING_MAX} replies wait for the disk`);
}

/** Replies to a write once it is as durable as was asked; with a problem if it does not get there. */
export function replyWhenDurable(
  exchange: Exchange,
  writes: WriteBehind,
  seq: number,
  durability: Durability,
  reply: ReadyReply,
): void {
  const send = () => exchange.reply(200, reply.type, reply.body, reply.headers);
  if (durability === 'disk') {
    writes.whenDurable(seq, (onDisk) => {
      if (onDisk) send();
      else exchange.refuse(notOnDisk());
    });
  } else if (writes.acknowledge(seq)) {
    send();
  } else {
    writes.whenAcknowledged(seq, send);
  }
}

function notOnDisk(): Problem {
  return new Problem(
    'store-unavailable',
    'the write is counted in memory, and will be written when the store recovers; ' +
      'repeat it with the same Idempotency-Key, as without one it would count again',
  );
}
