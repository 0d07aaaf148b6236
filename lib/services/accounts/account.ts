import { CLEAN, type Dirtyable } from '../../engine/write-queue.js';
import type { Caller, Scope } from '../../http/caller.js';
import type { Row, Table } from '../../store/table.js';

export const USERS: Table = {
  name: 'incrementer_users',
  columns: [
    { name: 'username', type: 'text' },
    { name: 'id', type: 'integer' },
    { name: 'token_sha256', type: 'text' },
    { name: 'scope', type: 'text' },
    { name: 'prefix', type: 'text' },
    { name: 'created_ms', type: 'integer' },
  ],
  key: ['username'],
};

/** A user with its token, and what they may do. Another token makes another account of it. */
export interface AccountData {
  /** The number of the write that made the user: never another's. */
  readonly id: number;
  readonly username: string;
  /** In hex. */
  readonly tokenHash: string;
  readonly scope: Scope;
  readonly prefix: string;
  /** Time of day, in milliseconds since 1970. */
  readonly createdMs: number;
}

export class Account implements AccountData, Caller {
  readonly id: number;
  readonly username: string;
  readonly tokenHash: string;
  readonly scope: Scope;
  readonly prefix: string;
  readonly createdMs: number;
  /** Whether it is in use: its token lets somebody in. */
  isValid = false;
  #json: Uint8Array | undefined;

  constructor({ id, username, tokenHash, scope, prefix, createdMs }: AccountData) {
    this.id = id;
    this.username = username;
    this.tokenHash = tokenHash;
    this.scope = scope;
    this.prefix = prefix;
    this.createdMs = createdMs;
  }

  /** As it is shown, in UTF-8. It never changes, and is asked for often. */
  get json(): Uint8Array {
    this.#json ??= Buffer.from(JSON.stringify(this.#shown));
    return this.#json;
  }

  get #shown() {
    const { id, username, scope, prefix, createdMs } = this;
    return { id, username, scope, prefix, created_at: new Date(createdMs).toISOString() };
  }

  get row(): Row {
    return [this.username, this.id, this.tokenHash, this.scope, this.prefix, this.createdMs];
  }
}

/** A name, and whose it is. Without an account it is free, and its row is still to be deleted. */
export class User implements Dirtyable {
  readonly key: string;
  account: Account | undefined;
  /** A change of it is on its way to the disk, and may be taken back. */
  isChanging = false;
  dirtyIn = CLEAN;

  constructor(username: string) {
    this.key = username;
  }
}
