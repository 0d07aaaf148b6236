import type { WriteBehind } from '../engine/write-behind.js';
import type { Exchange } from '../http/exchange.js';
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

/** Why a write can't be made wait for the disk now. To be asked before it is made. */
export function refuseToWait(writes: WriteBehind, durability: Durability): Problem | undefined {
  if (durability === 'memory' || writes.waiting < WAITING_MAX) return undefined;
  return new Problem('too-many-waiting', `${WAITING_MAX} replies wait for the disk`);
}

/**
 * Has a write's reply sent once the write is as durable as was asked, or a problem if it does not
 * get there.
 *
 * @param send called once, at once or later.
 */
export function replyWhenDurable(
  exchange: Exchange,
  writes: WriteBehind,
  seq: number,
  durability: Durability,
  send: () => void,
): void {
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
