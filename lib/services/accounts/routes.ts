import type { WriteBehind } from '../../engine/write-behind.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { refuseToWait } from '../../writes/durability.js';
import { Account } from './account.js';
import type { Accounts, Changed } from './accounts.js';
import { CREATE_USER, DELETE_CALLER, DELETE_USER, LIST_USERS, READ_USER, RENEW_TOKEN } from './docs/users.js';
import { missingToken } from './guard.js';
import { type Page, readNewToken, readPage, readPathUsername, readWanted } from './parameters.js';
import { hashOf } from './token.js';
import type { Tries } from './tries.js';

const BODY_BYTES_MAX = 16 * 1024;

export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly tries: Tries;
  readonly writes: WriteBehind;
}

/**
 * The users. Each change is replied to when it is on disk: a token that was shown has to hold, and
 * one that was ended must not come back.
 */
export function accountRoutes({ accounts, tries, writes }: AccountRoutesOptions): Route[] {
  const routes: Route[] = [
    {
      method: 'POST',
      path: '/user',
      access: 'join',
      summary: 'Makes a user, with the `token` that is given; without one a token is made, and shown this once.',
      doc: CREATE_USER,
      headers: ['content-type'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const wanted = readWanted(exchange);
        if (wanted instanceof Problem) return exchange.refuse(wanted);
        const shown = wanted.isMade ? { token: wanted.token } : {};
        const refusal = tries.refusal(exchange, wanted.token);
        if (refusal !== undefined) return exchange.refuse(refusal);
        change(
          exchange,
          () => countTaken(exchange, wanted.token, accounts.create(exchange.caller, wanted)),
          ({ account: { id, username } }) => exchange.reply(201, JSON_TYPE, JSON.stringify({ id, username, ...shown }), NOT_KEPT),
        );
      },
    },
    {
      method: 'GET',
      path: '/user',
      access: 'account',
      summary: 'Gives the user whose token the request has.',
      doc: READ_USER,
      headers: [],
      bodyBytesMax: 0,
      handle: replyCaller,
    },
    {
      method: 'DELETE',
      path: '/user',
      access: 'account',
      summary: 'Ends the account of the caller.',
      doc: DELETE_CALLER,
      headers: [],
      bodyBytesMax: 0,
      handle: (exchange) => withAccount(exchange, (account) => remove(exchange, account)),
    },
    {
      method: 'POST',
      path: '/user/token',
      access: 'account',
      summary: 'Gives the caller a new token, the one that is given or one that is made, and ends the old one.',
      doc: RENEW_TOKEN,
      headers: ['content-type'],
      bodyBytesMax: BODY_BYTES_MAX,
      handle(exchange) {
        const wanted = readNewToken(exchange);
        if (wanted instanceof Problem) return exchange.refuse(wanted);
        const shown = wanted.isMade ? { token: wanted.token } : {};
        const refusal = tries.refusal(exchange, wanted.token);
        if (refusal !== undefined) return exchange.refuse(refusal);
        withAccount(exchange, (account) =>
          change(
            exchange,
            () => countTaken(exchange, wanted.token, accounts.renew(account, wanted.token)),
            ({ account: { id, username } }) =>
              exchange.reply(200, JSON_TYPE, JSON.stringify({ id, username, ...shown }), NOT_KEPT),
          ),
        );
      },
    },
  ];

  function change(exchange: Exchange, make: () => Changed | Problem, reply: (changed: Changed) => void): void {
    const refusal = refuseToWait(writes, 'disk');
    if (refusal !== undefined) return exchange.refuse(refusal);
    const changed = make();
    if (changed instanceof Problem) return exchange.refuse(changed);
    writes.whenDurable(changed.seq, (onDisk) => {
      changed.settle(onDisk);
      if (onDisk) reply(changed);
      else exchange.refuse(new Problem('store-unavailable', 'the change is not on disk in time'));
    });
  }

  /** Who finds out that a token is somebody else's has guessed it: that counts as any other try. */
  function countTaken(exchange: Exchange, token: string, changed: Changed | Problem): Changed | Problem {
    if (changed instanceof Problem && changed.code === 'token-taken') tries.failed(exchange, hashOf(token));
    return changed;
  }

  function remove(exchange: Exchange, account: Account): void {
    change(
      exchange,
      () => accounts.remove(account),
      () => exchange.reply(200, JSON_TYPE, account.json),
    );
  }

  return [
    ...routes.flatMap((route) => [route, { ...route, path: `${route.path}/`, aliasOf: route.path }]),
    {
      method: 'GET',
      path: '/users',
      access: 'admin',
      summary:
        'Lists the users that the caller may look after, in the order of their names, `limit` at the most, from the one ' +
        'that comes after `after`.',
      doc: LIST_USERS,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const asked = readPage(exchange);
        if (asked instanceof Problem) exchange.refuse(asked);
        else void replyPage(exchange, accounts, asked);
      },
    },
    {
      method: 'DELETE',
      path: '/users/{username}',
      access: 'admin',
      summary: 'Ends the account of the user `username`.',
      doc: DELETE_USER,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const username = readPathUsername(exchange);
        if (username instanceof Problem) return exchange.refuse(username);
        const account = accounts.find(exchange.caller, username);
        if (account instanceof Problem) exchange.refuse(account);
        else remove(exchange, account);
      },
    },
  ];
}

/** `/` answers as `/user/` does: an address is all that many clients are given. */
export function homeRoute(): Route {
  return {
    method: 'GET',
    path: '/',
    access: 'account',
    summary: 'The same as GET /user.',
    doc: READ_USER,
    aliasOf: '/user',
    headers: [],
    bodyBytesMax: 0,
    handle: replyCaller,
  };
}

/** A token is not for any cache. */
const NOT_KEPT = { 'Cache-Control': 'no-store' };

function replyCaller(exchange: Exchange): void {
  withAccount(exchange, (account) => exchange.reply(200, JSON_TYPE, account.json));
}

async function replyPage(exchange: Exchange, accounts: Accounts, { after, limit }: Page): Promise<void> {
  // One more than was asked for tells whether there is a next page.
  const found = await accounts.page(exchange.caller, after, limit + 1);
  const page = found.slice(0, limit);
  const body = `{"users":[${page.map(({ json }) => UTF8.decode(json)).join(',')}]}`;
  const last = page.at(-1);
  if (last === undefined || found.length === page.length) return exchange.reply(200, JSON_TYPE, body);
  const next = `</users?after=${encodeURIComponent(last.username)}&limit=${limit}>; rel="next"`;
  exchange.reply(200, JSON_TYPE, body, { Link: next });
}

const UTF8 = new TextDecoder();

/** The guard lets none but accounts in to a route that is for accounts. */
function withAccount(exchange: Exchange, then: (account: Account) => void): void {
  const { caller } = exchange;
  if (caller instanceof Account) then(caller);
  else exchange.refuse(missingToken());
}
