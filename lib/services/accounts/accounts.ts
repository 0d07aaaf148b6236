import { KeyOrder } from '../../engine/key-order.js';
import { Registry } from '../../engine/registry.js';
import { Slices } from '../../engine/slices.js';
import type { WriteBehind } from '../../engine/write-behind.js';
import type { WriteQueue } from '../../engine/write-queue.js';
import { type Caller, covers, SCOPES, type Scope } from '../../http/caller.js';
import { Problem } from '../../http/problem.js';
import type { Columns } from '../../store/store.js';
import { Deletion } from '../../store/table.js';
import { Account, USERS, User } from './account.js';
import { hashOf } from './token.js';

export interface AccountsOptions {
  readonly writes: WriteBehind;
  /** How many users there are at the most. */
  readonly max: number;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** What a new user is to be. */
export interface Wanted {
  readonly username: string;
  readonly token: string;
  readonly scope: Scope;
  readonly prefix: string;
}

/** A change that was made in memory. */
export interface Changed {
  readonly account: Account;
  readonly seq: number;
  /** To be called once: with false, the change is taken back, as nobody was told of it. */
  settle(isOnDisk: boolean): void;
}

/** The users and their tokens. */
export class Accounts {
  readonly #writes: WriteBehind;
  readonly #max: number;
  readonly #wallMs: () => number;
  readonly #queue: WriteQueue<User>;
  readonly #users: Registry<User>;
  readonly #order: KeyOrder<User>;
  /**
   * By the hash of the token, so that no look-up compares what a client sends with a token. How long
   * a comparison takes tells how much of a guess was right; of a hash it tells nothing that helps to
   * guess, as whoever changes one character of a token changes all of its hash.
   */
  readonly #byHash = new Map<string, Account>();
  /** Hashes that an account may have to get back: nobody else can have them as long. */
  readonly #reserved = new Set<string>();

  constructor({ writes, max, wallMs }: AccountsOptions) {
    this.#writes = writes;
    this.#max = max;
    this.#wallMs = wallMs;
    // A name that was freed and awaits the store is still an entry.
    this.#users = new Registry(Number.POSITIVE_INFINITY);
    this.#order = new KeyOrder(this.#users, new Slices());
    this.#queue = writes.queue({
      table: USERS,
      change: ({ key, account }: User) => account?.row ?? new Deletion([key]),
      onClean: (user: User) => {
        if (user.account !== undefined) return;
        this.#users.delete(user.key);
        this.#order.removed(user);
      },
    });
  }

  get size(): number {
    return this.#byHash.size;
  }

  /** Whether somebody may make and remove users. */
  get hasAdmin(): boolean {
    for (const { scope } of this.#byHash.values()) if (scope === 'admin') return true;
    return false;
  }

  /** Takes in rows of USERS as the store has them. Returns why that is impossible, if it is. */
  load({ length, columns }: Columns): string | undefined {
    const [usernames, ids, hashes, scopes, prefixes, times] = columns as [
      string[],
      number[],
      string[],
      string[],
      string[],
      number[],
    ];
    for (let i = 0; i < length; i++) {
      const username = usernames[i] as string;
      const scope = SCOPES.find((known) => known === scopes[i]);
      if (scope === undefined) return `${USERS.name} has the user ${username} with the scope ${scopes[i]}`;
      const tokenHash = hashes[i] as string;
      if (this.#byHash.has(tokenHash)) return `${USERS.name} has two users with the same token, one of them ${username}`;
      if (this.size === this.#max) return `${USERS.name} has more than ${this.#max} rows: raise --max-users`;
      const user = new User(username);
      this.#users.add(user);
      const [id, prefix, createdMs] = [ids[i] as number, prefixes[i] as string, times[i] as number];
      this.#use(user, new Account({ id, username, tokenHash, scope, prefix, createdMs }));
    }
    return undefined;
  }

  /** Whose token has this hash. O(1). */
  byHash(tokenHash: string): Account | undefined {
    return this.#byHash.get(tokenHash);
  }

  /** The first of those that `caller` may look after, `limit` at the most, whose names come after `after`, in the order of their names. */
  async page(caller: Caller, after: string | undefined, limit: number): Promise<Account[]> {
    await this.#order.ready();
    const page: Account[] = [];
    for (let from = after; ; ) {
      const users = this.#order.page('', from, limit);
      for (const { account } of users) {
        if (account !== undefined && page.length < limit && isWithin(account, caller)) page.push(account);
      }
      if (page.length === limit || users.length < limit) return page;
      from = users.at(-1)?.key;
    }
  }

  /** @param caller who gives no more than it has itself. */
  create(caller: Caller, { username, token, scope, prefix }: Wanted): Changed | Problem {
    const tokenHash = hashOf(token);
    const known = this.#users.get(username);
    const refusal = refusalToGive(caller, scope, prefix) ?? this.#refusal(username, known, tokenHash);
    if (refusal !== undefined) return refusal;
    const user = known ?? new User(username);
    if (!this.#queue.admit(user)) return this.#queueFull();
    if (known === undefined) {
      this.#users.add(user);
      this.#order.added(user);
    }
    const id = this.#writes.stamp();
    const account = new Account({ id, username, tokenHash, scope, prefix, createdMs: this.#wallMs() });
    this.#use(user, account);
    return this.#changed(user, account, undefined, id);
  }

  #refusal(username: string, user: User | undefined, tokenHash: string): Problem | undefined {
    if (user?.account !== undefined) return new Problem('username-taken', `${username} is taken`, 'username');
    if (this.#isTaken(tokenHash)) return tokenTaken();
    if (user?.isChanging) return stillChanging(username);
    return this.size < this.#max ? undefined : new Problem('users-full', `there are ${this.#max} users`);
  }

  /** Gives an account another token. The old one, and whatever goes on with it, ends. */
  renew(account: Account, token: string): Changed | Problem {
    const user = this.#userOf(account);
    if (user === undefined) return unknownUser(account.username);
    const tokenHash = hashOf(token);
    if (this.#isTaken(tokenHash)) return tokenTaken();
    if (user.isChanging) return stillChanging(user.key);
    if (!this.#queue.admit(user)) return this.#queueFull();
    const renewed = new Account({ ...account, tokenHash });
    this.#use(user, renewed);
    return this.#changed(user, renewed, account, this.#writes.stamp());
  }

  /** Ends an account. That stays so, also where the disk is told later: who is out is out. */
  remove(account: Account): Changed | Problem {
    const user = this.#userOf(account);
    if (user === undefined) return unknownUser(account.username);
    if (!this.#queue.admit(user)) return this.#queueFull();
    this.#end(user);
    return { account, seq: this.#writes.stamp(), settle: () => undefined };
  }

  /** The user of a name that `caller` may look after. Of others it is not told that they are there. */
  find(caller: Caller, username: string): Account | Problem {
    const account = this.#users.get(username)?.account;
    return account !== undefined && isWithin(account, caller) ? account : unknownUser(username);
  }

  /** A change that may have to be taken back; until that is known, no other one is begun. */
  #changed(user: User, account: Account, before: Account | undefined, seq: number): Changed {
    user.isChanging = true;
    if (before !== undefined) this.#reserved.add(before.tokenHash);
    const settle = (isOnDisk: boolean) => {
      user.isChanging = false;
      if (before !== undefined) this.#reserved.delete(before.tokenHash);
      // Where it was ended meanwhile, that stays.
      if (isOnDisk || user.account !== account || !this.#queue.admit(user)) return;
      if (before === undefined) this.#end(user);
      else this.#use(user, new Account(before));
      this.#writes.stamp();
    };
    return { account, seq, settle };
  }

  #userOf(account: Account): User | undefined {
    const user = this.#users.get(account.username);
    return user?.account === account ? user : undefined;
  }

  #isTaken(tokenHash: string): boolean {
    return this.#byHash.has(tokenHash) || this.#reserved.has(tokenHash);
  }

  #use(user: User, account: Account): void {
    this.#end(user);
    user.account = account;
    account.isValid = true;
    this.#byHash.set(account.tokenHash, account);
  }

  #end(user: User): void {
    if (user.account === undefined) return;
    user.account.isValid = false;
    this.#byHash.delete(user.account.tokenHash);
    user.account = undefined;
  }

  #queueFull(): Problem {
    return new Problem('queue-full', `${this.#queue.capacity} users wait to be written`);
  }
}

/** Nobody gives more than it has, and nobody takes from one who has more. */
function refusalToGive(caller: Caller, scope: Scope, prefix: string): Problem | undefined {
  if (!covers(caller.scope, scope)) {
    return new Problem('insufficient-scope', `the scope ${scope} is for one who has it to give, not for ${caller.scope}`);
  }
  if (prefix.startsWith(caller.prefix)) return undefined;
  return new Problem('outside-prefix', `${prefix === '' ? 'every key' : prefix} is not within ${caller.prefix}`);
}

function isWithin({ scope, prefix }: Account, caller: Caller): boolean {
  return refusalToGive(caller, scope, prefix) === undefined;
}

function tokenTaken(): Problem {
  return new Problem('token-taken', 'another user has this token', 'token');
}

function stillChanging(username: string): Problem {
  return new Problem('store-unavailable', `another change of ${username} is on its way to the disk`);
}

function unknownUser(username: string): Problem {
  return new Problem('unknown-user', `there is no user ${username}`);
}
