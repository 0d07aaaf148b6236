import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../config.js';
import { SqliteFile } from '../store/sqlite/file.js';
import { TABLES } from '../tables.js';

/** Empties the database. Asks first, unless told not to. */
export async function reset(db: string, yes: boolean): Promise<void> {
  if (!yes && !(await agrees(db))) {
    process.stdout.write('nothing changed\n');
    return;
  }
  const file = new SqliteFile(db, TABLES);
  file.reset();
  file.close(0);
  process.stdout.write(`${db} is fresh\n`);
}

async function agrees(db: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new ConfigError('reset asks first, and there is no terminal to ask on: give --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete every counter in ${db}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
