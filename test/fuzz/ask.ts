import { Wire } from '../contract/wire.js';

/** Asks something on a connection of its own: one that lasts would be idle for too long. */
export async function ask<T>(port: number, what: (wire: Wire) => Promise<T>): Promise<T> {
  const wire = await Wire.open(port);
  try {
    return await what(wire);
  } finally {
    wire.close();
  }
}
