import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommandError } from './exit.js';

const BENCH = fileURLToPath(new URL('../bench/run.js', import.meta.url));

/**
 * Runs the benchmark, on servers and files of its own, and ends as it does.
 *
 * @param args its options.
 */
export async function bench(args: readonly string[]): Promise<void> {
  if (!existsSync(BENCH)) throw new CommandError('the benchmark is not built: npm run build:bench');
  const child = spawn(process.execPath, [BENCH, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
