import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, Subject } from './subject.js';

/** Where Debian has the programs of each version of the server, which are in nobody's path. */
const DEBIAN = '/usr/lib/postgresql';

/** The folder with the server's programs; empty where there is none. */
export const POSTGRES_BIN = findBin();

export const postgresMissing = POSTGRES_BIN === '' ? 'postgres' : undefined;

/** Connections beside those of the load: those that the server reserves for superusers. */
const SPARE_CONNECTIONS = 10;

/** A PostgreSQL with the settings that it comes with, and an empty table of counters. */
export function postgres(connections: number): Promise<Subject> {
  return Subject.start(async (subject) => {
    const user = otherUser();
    if (user !== undefined) chownSync(subject.folder, user.uid, user.gid);
    const as = { cwd: subject.folder, stdio: 'ignore', ...user } as const;
    const data = join(subject.folder, 'data');
    execFileSync(join(POSTGRES_BIN, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], as);
    const port = await freePort();
    const settings = { port, listen_addresses: '127.0.0.1', max_connections: connections + SPARE_CONNECTIONS };
    const files = { unix_socket_directories: subject.folder };
    await subject.run({
      program: join(POSTGRES_BIN, 'postgres'),
      argv: ['-D', data, ...Object.entries({ ...settings, ...files }).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      portIn: (line) => (line.includes('ready to accept connections') ? port : undefined),
      user,
      signal: 'SIGINT', // Connections are closed, not waited for.
    });
    const table = 'CREATE TABLE numbers (key text PRIMARY KEY, value bigint NOT NULL)';
    const client = ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', '-q', '-c', table, 'postgres'];
    execFileSync(join(POSTGRES_BIN, 'psql'), client, { stdio: 'ignore' });
  });
}

/** It refuses to run as root: as the user that its package made. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function findBin(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(DEBIAN, version, 'bin'));
  try {
    folders.unshift(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim());
  } catch {
    // Only where it is to be built against.
  }
  return (
    folders.find((folder) => ['postgres', 'initdb', 'pgbench', 'psql'].every((name) => existsSync(join(folder, name)))) ?? ''
  );
}
