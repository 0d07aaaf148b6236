import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { OptionTexts } from '../config.js';
import { askServer, type ControlReply } from '../http/control-socket.js';
import { CommandError } from './exit.js';
import { readUsers, withUsers } from './offline-users.js';

/** Where the users are, and how many the file may have. */
export type UserOptions = Pick<OptionTexts, 'maxUsers'> & { readonly db: string };

export interface UserAddOptions extends UserOptions {
  readonly scope: string;
  readonly prefix: string;
  readonly tokenStdin?: true;
}

interface UserJson {
  readonly id: number;
  readonly username: string;
  readonly scope: string;
  readonly prefix: string;
  readonly created_at: string;
}

/** Makes a user. Where the token is made here it goes to stdout, alone: `TOKEN=$(incrementer user add …)`. */
export async function addUser(username: string, { scope, prefix, tokenStdin, ...options }: UserAddOptions): Promise<void> {
  const token = tokenStdin ? { token: (await text(process.stdin)).trimEnd() } : {};
  const made = await ask(options, 'POST', '/user/', JSON.stringify({ username, scope, prefix, ...token }));
  const user = JSON.parse(made) as { id: number; token?: string };
  process.stderr.write(
    `made the user ${username} (${user.id}): ${scope}, ${prefix === '' ? 'every key' : `keys within ${prefix}`}\n`,
  );
  if (user.token === undefined) return;
  process.stderr.write('the token, which is shown only now:\n');
  process.stdout.write(`${user.token}\n`);
}

export async function listUsers(options: UserOptions): Promise<void> {
  mustExist(options);
  const users =
    (await listOfServer(options)) ?? (await readUsers(options)).map(({ json }) => JSON.parse(UTF8.decode(json)) as UserJson);
  const rows = users.map(({ id, username, scope, prefix, created_at }) => [String(id), username, scope, prefix, created_at]);
  const table = [['ID', 'USERNAME', 'SCOPE', 'PREFIX', 'CREATED'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length))) ?? [];
  for (const row of table) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

const UTF8 = new TextDecoder();

/** What the server says that has the file; `undefined` where there is none. */
async function listOfServer({ db }: UserOptions): Promise<UserJson[] | undefined> {
  const all: UserJson[] = [];
  for (let after = ''; ; after = `&after=${encodeURIComponent(all.at(-1)?.username ?? '')}`) {
    const reply = await askServer(db, 'GET', `/users?limit=${PAGE_LIMIT}${after}`);
    if (reply === undefined) return undefined;
    const { users } = JSON.parse(bodyOf(reply)) as { users: UserJson[] };
    all.push(...users);
    if (users.length < PAGE_LIMIT) return all;
  }
}

const PAGE_LIMIT = 1_000;

export async function removeUser(username: string, options: UserOptions): Promise<void> {
  mustExist(options);
  await ask(options, 'DELETE', `/users/${encodeURIComponent(username)}`);
  process.stderr.write(`${username} is no user any more\n`);
}

function mustExist({ db }: UserOptions): void {
  if (!existsSync(db)) throw new CommandError(`${db} does not exist`);
}

/** Asks the server that has the file; where there is none, what stands in for it this once. */
async function ask(options: UserOptions, method: string, path: string, body?: string): Promise<string> {
  const { db } = options;
  const asked = () => askServer(db, method, path, body);
  const reply = (existsSync(db) ? await asked() : undefined) ?? (await withUsers(options, asked));
  if (reply === undefined) throw new CommandError(`nobody answers for ${db}`);
  return bodyOf(reply);
}

function bodyOf({ status, body }: ControlReply): string {
  if (status < 300) return body;
  const { title, detail = title } = JSON.parse(body) as { title: string; detail?: string };
  throw new CommandError(detail);
}
