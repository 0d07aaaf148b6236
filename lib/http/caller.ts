import { Problem } from './problem.js';

/** What an account may do. Each may do what those before it may. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/**
 * Who may call a route: anyone (`public`); who has the scope `read` or `write`, which where nobody has
 * to say who they are is anyone; who has an account (`account`); who has the scope `admin`; or who may
 * make accounts (`join`): an admin, and where nobody has to say who they are anyone, within its own rights.
 */
export type Access = 'public' | Scope | 'account' | 'join';

/** Who made a request. */
export interface Caller {
  /** Of the account; 0 of those without one. */
  readonly id: number;
  readonly scope: Scope;
  /** With what a key has to begin that the caller may see and change; '' for every key. */
  readonly prefix: string;
  /** Whether the caller still may what it might when it made the request: long replies look from time to time. */
  readonly isValid: boolean;
}

/** Whoever calls, where nobody has to say who they are. It can give no more than this to an account. */
export const ANYONE: Caller = { id: 0, scope: 'write', prefix: '', isValid: true };

/** Who has not been asked yet. No key has a control character in it, so none is this caller's. */
export const NOBODY: Caller = { id: 0, scope: 'read', prefix: '\0', isValid: false };

/** Whether a scope is enough where another one is needed. */
export function covers(scope: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
}

/** Why the caller must not use a key, or a prefix; `undefined` when it may. O(length of its prefix). */
export function refusalOf({ prefix }: Caller, key: string): Problem | undefined {
  if (prefix === '' || key.startsWith(prefix)) return undefined;
  return new Problem('outside-prefix', `${key === '' ? 'the whole' : key} is not within ${prefix}`);
}
