import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DrainPause } from './drain.js';
import type { Made } from './grower.js';
import type { Look } from './lists.js';
import type { Loading } from './memory.js';
import type { TickPause } from './tick.js';

/** The programs beside this file, and what they print. */
interface Outputs {
  readonly drain: DrainPause;
  readonly grower: Made;
  readonly lists: readonly Look[];
  readonly memory: Loading;
  readonly tick: TickPause;
}

/**
 * Runs one of them as a process of its own: as fresh as a server's, and it leaves no garbage to the next.
 *
 * @throws Error when it fails.
 */
export async function outputOf<Name extends keyof Outputs>(
  program: Name,
  ...args: readonly (string | number)[]
): Promise<Outputs[Name]> {
  const file = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, ...args.map(String)]);
  return JSON.parse(stdout) as Outputs[Name];
}
