import type { Reply } from '../contract/wire.js';
import type { Countdown } from './span.js';

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const NDJSON_TYPE = 'application/x-ndjson';

/** What a reply has to be. */
export type Said = Done | Refused;

/** A reply to what was done. */
export interface Done {
  readonly status: 200;
  readonly type: string;
  readonly body: Body;
  readonly isReplayed?: boolean;
  /** Where the next page begins. */
  readonly next?: Readonly<Record<string, string>> | undefined;
  /** Everything up to this write is on disk, it says. */
  readonly durableSeq?: number | undefined;
}

/** A problem. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  /** The members beside those that all problems have; `undefined` where the model does not know. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What its `reset_ms` has to be. */
  readonly countdown?: Countdown | undefined;
}

/** Stands in a body where the milliseconds are that a counter still has. */
export const LEFT = '<left>';

/** The text of a reply, perhaps with one number in it that the model knows only when it has seen it. */
export class Body {
  #text: string;
  readonly #countdown: Countdown | undefined;

  constructor(text: string, countdown?: Countdown) {
    this.#text = text;
    this.#countdown = countdown;
  }

  toString(): string {
    return this.#text;
  }

  /** Whether it can be this text. */
  allows(text: string): boolean {
    if (this.#countdown === undefined || !this.#text.includes(LEFT)) return this.#text === text;
    const leftMs = this.#leftIn(text);
    return leftMs !== undefined && this.#countdown.allows(leftMs);
  }

  /** It is this text. */
  is(text: string): void {
    const leftMs = this.#leftIn(text);
    if (leftMs !== undefined) this.#countdown?.learn(leftMs);
    this.#text = text;
  }

  /** The number that stands where this text has none; `undefined` where it has one, or another text. */
  #leftIn(text: string): number | undefined {
    const [head = '', tail] = this.#text.split(LEFT);
    if (tail === undefined) return undefined;
    const digits = text.slice(head.length, text.length - tail.length);
    return text === head + digits + tail && /^\d+$/.test(digits) ? Number(digits) : undefined;
  }
}

/** What is wrong with a reply. */
export function difference(reply: Reply, said: Said): string | undefined {
  const isSame = reply.status === said.status && ('code' in said ? isProblem(reply, said) : isDone(reply, said));
  if (isSame) return undefined;
  const headers = JSON.stringify(Object.fromEntries(reply.headers));
  return `got ${reply.status} ${reply.body} ${headers}, not ${JSON.stringify(said)} ${'body' in said ? said.body : ''}`;
}

function isDone({ headers, body }: Reply, said: Done): boolean {
  return (
    headers.get('content-type') === said.type &&
    (headers.get('idempotency-replayed') === 'true') === (said.isReplayed ?? false) &&
    isNext(headers.get('link'), said.next) &&
    said.body.allows(body)
  );
}

function isNext(link: string | undefined, next: Done['next']): boolean {
  if (link === undefined || next === undefined) return link === next;
  const [, query] = /^<\/numbers\?([^>]*)>; rel="next"$/.exec(link) ?? [];
  return isSameObject(Object.fromEntries(new URLSearchParams(query)), next);
}

const COMMON = ['type', 'title', 'status', 'code', 'detail', 'field', 'request_id'];

function isProblem({ headers, body }: Reply, { status, code, more, countdown }: Refused): boolean {
  if (headers.get('content-type') !== 'application/problem+json' || headers.has('idempotency-replayed')) return false;
  const problem = JSON.parse(body) as Record<string, unknown>;
  if (problem.code !== code || problem.status !== status || problem.request_id !== headers.get('x-request-id')) return false;
  if (more === undefined) return true;
  const { reset_ms: leftMs, ...members } = Object.fromEntries(Object.entries(problem).filter(([name]) => !COMMON.includes(name)));
  if (!isSameObject(members, more)) return false;
  if (countdown === undefined) return leftMs === undefined && !headers.has('retry-after');
  return countdown.allows(Number(leftMs)) && headers.get('retry-after') === `${Math.ceil(Number(leftMs) / 1_000)}`;
}

/** The reply was that one: learns from it what the model could not know. */
export function confirm(reply: Reply, said: Said): void {
  if ('body' in said) said.body.is(reply.body);
  else if (said.countdown !== undefined) said.countdown.learn((JSON.parse(reply.body) as { reset_ms: number }).reset_ms);
}

function isSameObject(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
