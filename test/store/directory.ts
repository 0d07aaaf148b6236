import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What SQLite makes anew whenever it finds a log that a crash has left. It holds no data. */
const SCRATCH = /-shm$/;

/** Every file in a directory with its bytes, but for those that are scratch. */
export function contentsOf(directory: string): Record<string, string> {
  const names = readdirSync(directory).sort();
  return Object.fromEntries(
    names.map((name) => [name, SCRATCH.test(name) ? 'scratch' : readFileSync(join(directory, name), 'latin1')]),
  );
}
