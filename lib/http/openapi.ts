import type { Tag } from './documentation.js';
import { operationOf } from './openapi-operation.js';
import type { Route } from './route.js';
import { NamedSchema } from './schema.js';

/** What the document says of the whole API. */
export interface About {
  readonly title: string;
  readonly version: string;
  /** CommonMark. */
  readonly description: string;
  readonly license: string;
  /** The names of the tags that come first, in this order. */
  readonly firstTags: readonly string[];
  /** Whether a token is only needed where the caller has to have an account. */
  readonly isOpen: boolean;
}

/**
 * The route table as an OpenAPI 3.1 document, ready for JSON.
 *
 * @throws Error for documentation that contradicts itself or its route.
 */
export function openApi(routes: readonly Route[], { title, version, description, license, firstTags, isOpen }: About): object {
  const documented = routes.filter(({ aliasOf }) => aliasOf === undefined);
  for (const { method, path, aliasOf } of routes) {
    const isThere = documented.some((route) => route.method === method && route.path === aliasOf);
    if (aliasOf !== undefined && !isThere) throw new Error(`${method} ${path} is an alias of ${aliasOf}, which there is not`);
  }
  refuseTwice(documented.map(({ doc }) => doc.id));
  const references = new References();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of documented) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: references.resolve(operationOf(route, isOpen)) };
  }
  return {
    openapi: '3.1.1',
    info: { title, version, description, license: { name: license, identifier: license } },
    tags: inOrder([...new Set(documented.map(({ doc }) => doc.tag))], firstTags),
    paths,
    components: { schemas: references.schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

function inOrder(tags: readonly Tag[], first: readonly string[]): Tag[] {
  const rank = ({ name }: Tag) => (first.includes(name) ? first.indexOf(name) : first.length);
  return [...tags].sort((a, b) => rank(a) - rank(b));
}

function refuseTwice(ids: readonly string[]): void {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new Error(`two routes are called ${twice}`);
}

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The token of an account: `Authorization: Bearer xyz`.' },
  bare: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'The same without a scheme: `Authorization: xyz`.' },
};

/** Puts references in the place of schemas with names, and gathers those. */
class References {
  readonly #named = new Map<string, { readonly from: NamedSchema; readonly shape: unknown }>();

  /** A copy of a part of the document, without members that are `undefined`. */
  resolve(part: unknown): unknown {
    if (part instanceof NamedSchema) return { $ref: this.#to(part) };
    if (Array.isArray(part)) return part.map((item) => this.resolve(item));
    if (typeof part !== 'object' || part === null) return part;
    const members = Object.entries(part).filter(([, member]) => member !== undefined);
    return Object.fromEntries(
      members.map(([name, member]) => [
        name,
        name === '$ref' && member instanceof NamedSchema ? this.#to(member) : this.resolve(member),
      ]),
    );
  }

  #to(schema: NamedSchema): string {
    const { name, shape } = schema;
    const known = this.#named.get(name);
    if (known !== undefined && known.from !== schema) throw new Error(`two schemas are called ${name}`);
    if (known === undefined) this.#named.set(name, { from: schema, shape: this.resolve(shape) });
    return `#/components/schemas/${name}`;
  }

  get schemas(): object {
    const entries = [...this.#named].map(([name, { shape }]) => [name, shape] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
