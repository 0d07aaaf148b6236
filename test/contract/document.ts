import { encode, FORM, utf8, type Wire } from './wire.js';

/** An OpenAPI document as a client sees it, as far as the tests look at it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly 'x-examples': readonly TriedExample[];
}

export interface DocumentedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: object;
}

export interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content: Readonly<Record<string, Media>>;
}

export interface Media {
  readonly schema: object;
  readonly examples?: Examples;
}

type Examples = Readonly<Record<string, { readonly value: unknown }>>;

export interface TriedExample {
  readonly key: string;
  readonly after?: readonly {
    readonly method: string;
    readonly target: string;
    readonly form?: string;
    readonly json?: object;
  }[];
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: { readonly status: number; readonly type: string; readonly headers?: Readonly<Record<string, string>> };
}

export async function readDocument(wire: Wire): Promise<OpenApiDocument> {
  const { body } = await wire.exchange(encode({ target: '/openapi.json' }));
  return JSON.parse(body) as OpenApiDocument;
}

/** Every operation, with its method as it is sent. */
export function operationsOf({ paths }: OpenApiDocument): { path: string; method: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** The request of an example, put together as a client would that knows nothing but the document. */
export function requestOf(method: string, operation: Operation, { key, target, headers }: TriedExample): string {
  for (const [type, { examples }] of Object.entries(operation.requestBody?.content ?? {})) {
    if (examples?.[key] === undefined) continue;
    const body = utf8(written(type, examples[key].value));
    return encode({ method, target, headers: { ...headers, 'Content-Type': type }, body });
  }
  return encode(method === 'GET' ? { method, target, headers } : { method, target, headers, body: '' });
}

/** A body of a media type. */
function written(type: string, value: unknown): string {
  if (type === 'application/json') return JSON.stringify(value);
  if (type !== FORM || typeof value === 'string') return String(value);
  const members = Object.entries(value as object).map(([name, member]): [string, string] => [name, String(member)]);
  return new URLSearchParams(members).toString();
}
