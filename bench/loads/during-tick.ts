import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../load.js';

/** The same load while a tick is drawn and written: one is fired before it begins. */
export function duringTick(load: Load): Load {
  return {
    ...load,
    run: async (drive) => {
      const url = `http://127.0.0.1:${drive.port}/points/tick`;
      // One that is still written is refused another.
      while ((await fetch(url, { method: 'POST' })).status !== 200) await delay(5);
      return load.run(drive);
    },
  };
}
