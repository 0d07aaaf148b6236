import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { POSTGRES_BIN } from './postgres.js';

/** Where a run took place. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** The load of the last minute when the run began. */
  readonly load: number;
  /** By name; null of what is not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    kernel: `${type()} ${release()}`,
    load: loadavg()[0] ?? 0,
    versions: {
      Node: process.version.slice(1),
      SQLite: new Database(':memory:').prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? null,
      'uWebSockets.js': packageVersion('uWebSockets.js'),
      wrk: printed('wrk', ['-v'], /wrk (?:debian\/)?(\S+)/),
      siege: printed('siege', ['--version'], /SIEGE (\S+)/),
      autocannon: packageVersion('autocannon'),
      Redis: printed('redis-server', ['--version'], /v=(\S+)/),
      // It tells its version to nobody but the package manager.
      Webdis: existsSync('/usr/bin/webdis') ? printed('dpkg-query', ['-W', 'webdis'], /\t(\S+)/) : null,
      PostgreSQL: POSTGRES_BIN === '' ? null : printed(join(POSTGRES_BIN, 'postgres'), ['--version'], /PostgreSQL\) (\S+)/),
    },
  };
}

/** What a program says of its version; some say it on stderr, some exit with a failure after it. */
function printed(program: string, argv: readonly string[], pattern: RegExp): string | null {
  const { stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
  return pattern.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1] ?? null;
}

/** Not every package lets its package.json be imported; it is beside the file, or one of the files, that can be. */
function packageVersion(name: string): string | null {
  try {
    const [folder = ''] = fileURLToPath(import.meta.resolve(name)).split(`${sep}${name}${sep}`);
    return (JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
}
