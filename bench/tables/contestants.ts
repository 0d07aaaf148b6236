import type { Row } from '../comparison.js';
import * as servers from '../servers.js';

type Server = Omit<Row, 'load'>;

/** What a reply stands for, in the words of the tables. */
export const DURABILITY = {
  none: 'none: nothing is ever written',
  memory: 'memory: a crash loses up to 5 s',
  disk: 'disk: fsync before the reply',
  reads: 'reads only',
} as const;

export const FLOOR: Server = { name: 'floor: bare uWebSockets.js', durability: DURABILITY.none, start: servers.floor };

export const MEMORY: Server = { name: 'incrementer', durability: DURABILITY.memory, start: () => servers.incrementer() };

export const DISK: Server = { name: 'incrementer, durability=disk', durability: DURABILITY.disk, start: MEMORY.start };

export const GUARDED: Server = { name: 'incrementer, --auth required', durability: DURABILITY.memory, start: servers.guarded };

/** The same where nothing is written by what is asked. */
export function reading(server: Server): Server {
  return { ...server, durability: DURABILITY.reads };
}
