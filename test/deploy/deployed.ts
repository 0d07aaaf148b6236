import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Config, OPTIONS, readConfig } from '../../dist/config.js';
import { SECURE } from '../contract/certificates.js';
import { ROOT } from '../node-process.js';
import { ServerProcess } from '../server-process.js';

export const PORT = Number(OPTIONS.port.default);

/** A file of the folder deploy. */
export function deployed(name: string): string {
  return readFileSync(join(ROOT, 'deploy', name), 'utf8');
}

/** What the environment of a server with TLS has. */
export const TLS = { INCREMENTER_TLS_CERT: SECURE.tlsCert, INCREMENTER_TLS_KEY: SECURE.tlsKey };

/**
 * What a server is started with.
 *
 * @param args what stands after `incrementer`: `['start', '--auth', 'required']`.
 * @throws Error when there is no such command or flag, or a value is wrong.
 */
export function configOf(args: readonly string[], env: ReadonlyMap<string, string> = new Map()): Config {
  const [command, ...rest] = args.flatMap((arg) => arg.split('='));
  if (command !== 'start') throw new Error(`there is no server in: ${args.join(' ')}`);
  const texts = new Map<string, string>();
  for (const [variable, value] of env) texts.set(nameOf('variable', variable), value);
  for (let i = 0; i < rest.length; i += 2) texts.set(nameOf('flag', rest[i] as string), rest[i + 1] as string);
  return readConfig(Object.fromEntries(texts));
}

function nameOf(kind: 'flag' | 'variable', given: string): string {
  const found = Object.entries(OPTIONS).find(([, option]) => option[kind] === given);
  if (found === undefined) throw new Error(`there is no ${given}`);
  return found[0];
}

/** A server that asks everybody for a token, as all of these do. */
export function guardedServer(t: Test, env: Record<string, string> = {}): Promise<ServerProcess> {
  return ServerProcess.serving(t, join(t.testdir(), 'numbers.db'), ['--auth', 'required'], env);
}
