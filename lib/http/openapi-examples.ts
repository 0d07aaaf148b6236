import type { Documentation, Example, Parameter, Step } from './documentation.js';
import { JSON_TYPE, PROBLEM_TYPE } from './exchange.js';
import type { Route } from './route.js';

/** The key of an example in the document. */
export function keyOf({ title }: Example): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** The bodies that examples send, by their keys; `undefined` when they send none. */
export function bodyExamples(doc: Documentation, examples: readonly Example[]): object | undefined {
  const inBody = parametersIn('body', doc);
  const sent = examples.flatMap((example) => {
    const value = bodyOf(example, inBody);
    return value === undefined ? [] : [[keyOf(example), { summary: example.title, value }] as const];
  });
  return sent.length === 0 ? undefined : Object.fromEntries(sent);
}

/** What an example has in its body; `undefined` for nothing. */
function bodyOf({ body, send = {} }: Example, inBody: readonly Parameter[]): unknown {
  if (body !== undefined) return body;
  const sent = inBody.flatMap(({ name }) => (send[name] === undefined ? [] : [[name, send[name]] as const]));
  return sent.length === 0 ? undefined : Object.fromEntries(sent);
}

/** The replies of a status and media type, by the keys of their examples; `undefined` when there are none. */
export function replyExamples(route: Route, status: number, type: string): object | undefined {
  const found = route.doc.examples.filter(({ reply }) => reply.status === status && reply.type === type);
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map((example) => [
      keyOf(example),
      { summary: example.title, description: describe(route, example), value: example.reply.body },
    ]),
  );
}

function describe(route: Route, example: Example): string {
  const { method, doc } = route;
  const body = bodyOf(example, parametersIn('body', doc));
  const sent = [
    ...Object.entries(headersOf(route, example)).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [typeof body === 'string' ? body : JSON.stringify(body)]),
  ];
  const request = [`${method} ${targetOf(route, example)}`, ...sent].map((text) => `\`${text}\``).join(' with ');
  return example.after === undefined ? request : `${request}, after ${example.after.map(stepText).join(', ')}`;
}

function parametersIn(place: Parameter['in'], { parameters = [] }: Documentation): Parameter[] {
  return parameters.filter((parameter) => parameter.in === place);
}

function stepText({ method, target, form, json }: Step): string {
  const body = json === undefined ? form : JSON.stringify(json);
  return `\`${method} ${target}\`${body === undefined ? '' : ` with \`${body}\``}`;
}

/**
 * The examples in the order in which they can be tried, one after the other on a fresh server. Their
 * bodies stand with the route's requests and replies, under the same keys.
 */
export function triable(route: Route): object[] {
  return route.doc.examples.map((example) => ({
    key: keyOf(example),
    after: example.after,
    target: targetOf(route, example),
    headers: headersOf(route, example),
    reply: { status: example.reply.status, type: example.reply.type, headers: example.reply.headers },
  }));
}

function targetOf({ path, doc }: Route, { send = {} }: Example): string {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, in: place } of doc.parameters ?? []) {
    const values = [send[name] ?? []].flat();
    if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(values.join()));
    if (place === 'query') for (const value of values) query.append(name, String(value));
  }
  return query.size === 0 ? target : `${target}?${query}`;
}

function headersOf({ doc }: Route, { send = {}, token, reply }: Example): Record<string, string> {
  const inHeaders = parametersIn('header', doc).filter(({ name }) => send[name] !== undefined);
  return {
    ...(token === undefined ? {} : { Authorization: token }),
    ...(reply.type === JSON_TYPE || reply.type === PROBLEM_TYPE ? {} : { Accept: reply.type }),
    ...Object.fromEntries(inHeaders.map(({ name }) => [name, String(send[name])])),
  };
}
