import { ANYONE, type Caller, covers } from '../../http/caller.js';
import type { Exchange, HeaderName, Headers } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import type { Accounts } from './accounts.js';
import { hashOf, tokenIn } from './token.js';
import type { Tries } from './tries.js';

export interface GuardOptions {
  readonly accounts: Accounts;
  readonly tries: Tries;
  /** Whether whoever calls may do everything but what needs an account. */
  readonly isOpen: boolean;
  /** The headers that tell where a request came from. */
  readonly addressHeaders: readonly HeaderName[];
}

/** Stands before the routes: finds out who calls, and whether they may. */
export class Guard {
  readonly #accounts: Accounts;
  readonly #tries: Tries;
  readonly #isOpen: boolean;
  readonly #headers: readonly HeaderName[];

  constructor({ accounts, tries, isOpen, addressHeaders }: GuardOptions) {
    this.#accounts = accounts;
    this.#tries = tries;
    this.#isOpen = isOpen;
    this.#headers = ['authorization', ...addressHeaders];
  }

  /** The same route, for those who may call it. Its handler finds the caller in the exchange. */
  protect(route: Route): Route {
    const { access } = route;
    if (access === 'public') return route;
    if (this.#isOpen && (access === 'read' || access === 'write')) return admit(route, ANYONE);
    const isForAnyone = this.#isOpen && access === 'join';
    const needed = isForAnyone ? 'read' : NEEDED[access];
    return {
      ...route,
      headers: [...new Set([...route.headers, ...this.#headers])],
      handle: (exchange) => {
        const caller = isForAnyone && exchange.header('authorization') === '' ? ANYONE : this.#identify(exchange);
        if (caller instanceof Problem) return exchange.refuse(caller, CHALLENGES[caller.code]);
        if (!covers(caller.scope, needed)) {
          const problem = new Problem(
            'insufficient-scope',
            `this needs the scope ${needed}, and the account has ${caller.scope}`,
          );
          return exchange.refuse(problem, { 'WWW-Authenticate': challenge(`error="insufficient_scope", scope="${needed}"`) });
        }
        exchange.caller = caller;
        route.handle(exchange);
      },
    };
  }

  #identify(exchange: Exchange): Caller | Problem {
    const authorization = exchange.header('authorization');
    if (authorization === '') return missingToken();
    const token = tokenIn(authorization);
    const hash = hashOf(token);
    const account = this.#accounts.byHash(hash);
    return account === undefined ? this.#tries.failed(exchange, hash) : (this.#tries.refusal(exchange, token) ?? account);
  }
}

/** The scope that a route asks for. */
const NEEDED = { account: 'read', read: 'read', write: 'write', join: 'admin', admin: 'admin' } as const;

/** A route that a caller is known to be let in to. */
export function admit(route: Route, caller: Caller): Route {
  return {
    ...route,
    handle(exchange) {
      exchange.caller = caller;
      route.handle(exchange);
    },
  };
}

/** What is replied to a request that says nothing of its caller. */
export function missingToken(): Problem {
  return new Problem('missing-token', 'send your token in the header Authorization; /doc shows what can be asked for');
}

/** What a client is told to send (RFC 6750, section 3). */
function challenge(more = ''): string {
  return `Bearer realm="incrementer"${more === '' ? '' : `, ${more}`}`;
}

const CHALLENGES: Readonly<Record<string, Headers>> = {
  'missing-token': { 'WWW-Authenticate': challenge() },
  'unknown-token': { 'WWW-Authenticate': challenge('error="invalid_token"') },
};
