import type { WriteBehind } from '../../engine/write-behind.js';
import type { Caller } from '../../http/caller.js';
import type { ClientAddress } from '../../http/client-address.js';
import type { Route } from '../../http/route.js';
import type { Columns } from '../../store/store.js';
import { Accounts } from './accounts.js';
import { Failures } from './failures.js';
import { admit, Guard } from './guard.js';
import { accountRoutes, homeRoute } from './routes.js';
import { Tries } from './tries.js';

/** Who may come in: whoever reaches the server, or who has a token. */
export type Auth = 'open' | 'required';

export interface AccountServiceOptions {
  readonly writes: WriteBehind;
  readonly maxUsers: number;
  readonly auth: Auth;
  readonly address: ClientAddress;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
  /** A clock that is never put back. */
  readonly nowMs: () => number;
}

/** The user of the system who can write the database's file. */
export const OWNER: Caller = { id: 0, scope: 'admin', prefix: '', isValid: true };

/** The accounts as a service, and the guard that they are for all others. */
export class AccountService {
  readonly #writes: WriteBehind;
  readonly #tries: Tries;
  readonly accounts: Accounts;
  readonly guard: Guard;

  constructor({ writes, maxUsers, auth, address, wallMs, nowMs }: AccountServiceOptions) {
    this.#writes = writes;
    this.accounts = new Accounts({ writes, max: maxUsers, wallMs });
    this.#tries = new Tries(new Failures(nowMs), (exchange) => address.of(exchange));
    this.guard = new Guard({
      accounts: this.accounts,
      tries: this.#tries,
      isOpen: auth === 'open',
      addressHeaders: address.headers,
    });
  }

  load(rows: Columns): string | undefined {
    return this.accounts.load(rows);
  }

  routes(): Route[] {
    return accountRoutes({ accounts: this.accounts, tries: this.#tries, writes: this.#writes });
  }

  /** What users get at `/`. */
  home(): Route {
    return homeRoute();
  }

  /** The same for one who needs no token, as he has the file. */
  ownersRoutes(): Route[] {
    const routes = this.routes().filter(({ access }) => access === 'admin' || access === 'join');
    return routes.map((route) => admit(route, OWNER));
  }
}
