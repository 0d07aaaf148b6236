import { hash, randomBytes } from 'node:crypto';

/** Visible ASCII: what a header can carry as it is. */
const TOKEN = /^[!-~]{1,256}$/;

const LENGTH_MAX = 256;

/** What is wrong with a token that somebody wants to have; `undefined` if nothing is. */
export function tokenFault(token: string): string | undefined {
  return TOKEN.test(token) ? undefined : `must be 1 to ${LENGTH_MAX} visible ASCII characters`;
}

/** A token of 256 random bits. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The SHA-256 of a token, in hex: all that is ever kept of one. */
export function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}

/** The token in an Authorization header, with or without `Bearer` before it; '' where there can't be one. */
export function tokenIn(authorization: string): string {
  const token = BEARER.test(authorization) ? authorization.slice(BEARER_LENGTH).trim() : authorization;
  // Nobody has a longer one, and to hash what a client sends should not be dear.
  return token.length > LENGTH_MAX ? '' : token;
}

const BEARER = /^bearer /i;
const BEARER_LENGTH = 'Bearer '.length;
