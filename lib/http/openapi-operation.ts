import type { Example, Parameter } from './documentation.js';
import { refuseFaults } from './documentation-faults.js';
import { JSON_TYPE } from './exchange.js';
import { bodyExamples, replyExamples, triable } from './openapi-examples.js';
import { needsToken, refusalsOf } from './openapi-refusals.js';
import { FORM } from './parameters.js';
import type { Route } from './route.js';
import { described, object, type Schema } from './schema.js';

/**
 * A route as OpenAPI's Operation Object, with NamedSchemas still in it.
 *
 * @param isOpen whether a token is only needed where the caller has to have an account.
 * @throws Error for documentation that contradicts itself or its route.
 */
export function operationOf(route: Route, isOpen: boolean): object {
  const { doc, summary } = route;
  refuseFaults(route);
  return {
    operationId: doc.id,
    tags: [doc.tag.name],
    // No CommonMark here, unlike in descriptions.
    summary: summary.replaceAll('`', ''),
    description: doc.description,
    security: securityOf(route, isOpen),
    parameters: (doc.parameters ?? [])
      .filter((parameter) => parameter.in !== 'body')
      .map((one) => parameterOf(one, doc.examples)),
    requestBody: requestBodyOf(route),
    responses: { ...repliesOf(route), ...refusalsOf(route, isOpen) },
    'x-examples': triable(route),
  };
}

/** An empty requirement is one that is met by everyone; else the scope that is needed stands with each scheme. */
function securityOf(route: Route, isOpen: boolean): object[] {
  if (route.access === 'public') return [{}];
  const scopes = SCOPES_NEEDED[route.access];
  return [...(needsToken(route, isOpen) ? [] : [{}]), { bearer: scopes }, { bare: scopes }];
}

const SCOPES_NEEDED = { account: [], read: ['read'], write: ['write'], join: ['admin'], admin: ['admin'] } as const;

/**
 * Only what every request needs has an example here: pages that send requests fill it in, and an
 * Idempotency-Key, say, should not be there unasked.
 */
function parameterOf(
  { name, in: place, description, schema, isRequired, isRepeated }: Parameter,
  examples: readonly Example[],
): object {
  const required = place === 'path' || isRequired === true;
  return {
    name,
    in: place,
    description,
    required,
    schema: isRepeated === true ? { type: 'array', items: schema } : schema,
    example: required ? examples.find(({ send }) => send?.[name] !== undefined)?.send?.[name] : undefined,
  };
}

function requestBodyOf({ doc }: Route): object | undefined {
  const parameters = (doc.parameters ?? []).filter((parameter) => parameter.in === 'body');
  const bodies = doc.bodies ?? bodiesOf(parameters, doc.parameterTypes ?? [JSON_TYPE, FORM]);
  const types = Object.keys(bodies);
  if (types.length === 0) return undefined;
  const content = types.map((type) => {
    const examples = doc.examples.filter(({ as = types[0] }) => as === type);
    return [type, { schema: bodies[type], examples: bodyExamples(doc, examples) }] as const;
  });
  return {
    required: doc.bodies !== undefined || parameters.some(({ isRequired }) => isRequired),
    content: Object.fromEntries(content),
  };
}

function bodiesOf(parameters: readonly Parameter[], types: readonly string[]): Record<string, Schema> {
  if (parameters.length === 0) return {};
  const members = (isRequired: boolean) =>
    Object.fromEntries(
      parameters
        .filter((parameter) => (parameter.isRequired === true) === isRequired)
        .map(({ name, schema, description }) => [name, described(schema, description)]),
    );
  const schema = { ...object(members(true), members(false)), additionalProperties: false };
  return Object.fromEntries(types.map((type) => [type, schema]));
}

function repliesOf(route: Route): Record<string, object> {
  const replies = Object.entries(route.doc.replies).map(([status, { description, headers, content }]) => [
    status,
    {
      description,
      headers,
      content: Object.fromEntries(
        Object.entries(content).map(([type, schema]) => [type, { schema, examples: replyExamples(route, Number(status), type) }]),
      ),
    },
  ]);
  return Object.fromEntries(replies);
}
