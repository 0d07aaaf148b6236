import { type Caller, SCOPES, type Scope } from '../../http/caller.js';
import type { Exchange } from '../../http/exchange.js';
import { decodePercent, readLimit, readParameters, readTexts } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import type { Wanted } from './accounts.js';
import { makeToken, tokenFault } from './token.js';

const USERNAME_LENGTH_MAX = 128;
const PREFIX_LENGTH_MAX = 512;

const PAGE_LIMIT = 100;
const PAGE_LIMIT_MAX = 1_000;

/** Control and format characters, which would have a log or a terminal show something else. */
const CONTROL = /[\p{Cc}\p{Cf}]/u;

/** What POST /user/ is sent. `isMade`: the token comes from here, and has to be shown. */
export function readWanted(exchange: Exchange): (Wanted & { readonly isMade: boolean }) | Problem {
  const texts = readTexts(exchange, ['username', 'token', 'scope', 'prefix']);
  if (texts instanceof Problem) return texts;
  const [username, tokenText, scopeText, prefixText] = texts;
  if (username === undefined) return new Problem('missing-parameter', 'username is missing', 'username');
  const fault = usernameFault(username);
  if (fault !== undefined) return new Problem('invalid-parameter', `username ${fault}`, 'username');
  const token = readToken(tokenText);
  if (token instanceof Problem) return token;
  const scope = readScope(scopeText ?? 'write');
  if (scope instanceof Problem) return scope;
  const prefix = readPrefix(exchange.caller, prefixText);
  return prefix instanceof Problem ? prefix : { username, token, scope, prefix, isMade: tokenText === undefined };
}

/** What POST /user/token is sent: the token that the caller wants to have, if it has one in mind. */
export function readNewToken(exchange: Exchange): { readonly token: string; readonly isMade: boolean } | Problem {
  const texts = readTexts(exchange, ['token']);
  if (texts instanceof Problem) return texts;
  const token = readToken(texts[0]);
  return token instanceof Problem ? token : { token, isMade: texts[0] === undefined };
}

function readToken(text: string | undefined): string | Problem {
  if (text === undefined) return makeToken();
  const fault = tokenFault(text);
  return fault === undefined ? text : new Problem('invalid-parameter', `token ${fault}`, 'token');
}

function readScope(text: string): Scope | Problem {
  const scope = SCOPES.find((known) => known === text);
  return scope ?? new Problem('invalid-parameter', `scope must be one of ${SCOPES.join(', ')}`, 'scope');
}

function readPrefix(caller: Caller, text: string | undefined): string | Problem {
  if (text === undefined) return caller.prefix;
  const isPrefix = text.isWellFormed() && !CONTROL.test(text) && text.length <= PREFIX_LENGTH_MAX;
  if (isPrefix) return text;
  return new Problem(
    'invalid-parameter',
    `prefix must be the beginning of a key: ${PREFIX_LENGTH_MAX} characters at most`,
    'prefix',
  );
}

/** A page of the users in the order of their names. */
export interface Page {
  readonly after: string | undefined;
  readonly limit: number;
}

/** What GET /users is asked. */
export function readPage(exchange: Exchange): Page | Problem {
  const parameters = readParameters(exchange, ['after', 'limit']);
  if (parameters instanceof Problem) return parameters;
  const [after, limitText] = parameters;
  const limit = readLimit(limitText, PAGE_LIMIT, PAGE_LIMIT_MAX);
  return limit instanceof Problem ? limit : { after, limit };
}

/** Reads the path's parameter `username`. */
export function readPathUsername(exchange: Exchange): string | Problem {
  const username = decodePercent(exchange.parameter('username'));
  return username ?? new Problem('invalid-parameter', 'username is not percent-encoded UTF-8', 'username');
}

function usernameFault(username: string): string | undefined {
  if (username.trim() === '') return 'is empty';
  if (username.length > USERNAME_LENGTH_MAX) return `is longer than ${USERNAME_LENGTH_MAX} characters`;
  if (CONTROL.test(username)) return 'has a control character in it';
  return username.isWellFormed() ? undefined : 'is not well-formed Unicode';
}
