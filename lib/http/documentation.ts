import { type Headers, JSON_TYPE, PROBLEM_TYPE } from './exchange.js';
import type { Problem, ProblemCode } from './problem.js';
import type { Schema } from './schema.js';

/**
 * What the API's document says of a route, beside what the route itself is. Texts are CommonMark.
 *
 * A route says nothing of what follows from its other fields: the token that its `access` needs, the
 * problems that come of that, and of a body that is too large.
 */
export interface Documentation {
  /** What generated clients call it: one word, and no other route's. */
  readonly id: string;
  readonly tag: Tag;
  /** What the summary has no room for. */
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  /** The media types in which parameters of the body can come; a form and JSON where this is left out. */
  readonly parameterTypes?: readonly string[];
  /** What a body can be that does not consist of parameters, by media type. */
  readonly bodies?: Readonly<Record<string, Schema>>;
  /** Replies that are no problems, by status. */
  readonly replies: Readonly<Record<number, DocumentedReply>>;
  readonly problems?: readonly ProblemCode[];
  /** Each is tried out by a test, one after the other on a fresh server. */
  readonly examples: readonly Example[];
}

/** A chapter of the document. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly description: string;
  /** Of one value, where it can be repeated. */
  readonly schema: Schema;
  /** Those of a path always are. */
  readonly isRequired?: true;
  /** It can be there more than once. Only in a query. */
  readonly isRepeated?: true;
}

export interface DocumentedReply {
  readonly description: string;
  /** What it can be, by media type. */
  readonly content: Readonly<Record<string, Schema>>;
  readonly headers?: Readonly<Record<string, DocumentedHeader>>;
}

export interface DocumentedHeader {
  readonly description: string;
  readonly schema: Schema;
}

/** A request, and the reply to it. */
export interface Example {
  /** What it shows, in a few words. No other example of the route has the same. */
  readonly title: string;
  /** What has to happen before. */
  readonly after?: readonly Step[];
  /** The parameters by their names: the documentation says where each of them goes. A repeated one has a list. */
  readonly send?: Readonly<Record<string, Sent | readonly Sent[]>>;
  /** The body, where it does not consist of parameters: a value of JSON, or the text that is sent. */
  readonly body?: unknown;
  /** The media type of the body; the first one that the route takes where this is left out. */
  readonly as?: string;
  readonly token?: string;
  readonly reply: ExampleReply;
}

export type Sent = string | number | boolean;

/** A request that makes things as an example needs them. Its body is a form, or an object in JSON. */
export interface Step {
  readonly method: 'POST' | 'PUT';
  readonly target: string;
  readonly form?: string;
  readonly json?: Readonly<Record<string, string>>;
}

export interface ExampleReply {
  readonly status: number;
  readonly type: string;
  /** A value of JSON, or a text. */
  readonly body: unknown;
  readonly headers?: Headers;
}

/** A reply in JSON. */
export function replied(body: object, status = 200, headers: Headers = {}): ExampleReply {
  return { status, type: JSON_TYPE, body, headers };
}

/** A reply that is a text of some type, which the request asks for. */
export function repliedText(type: string, body: string): ExampleReply {
  return { status: 200, type, body };
}

/** As one is made for a request that has none. */
const REQUEST_ID = '5be6f0d7-93a1-4b6e-b1d5-2c8e7f0a4d39';

export function refused(problem: Problem): ExampleReply {
  return { status: problem.status, type: PROBLEM_TYPE, body: { ...problem.toJSON(), request_id: REQUEST_ID } };
}
