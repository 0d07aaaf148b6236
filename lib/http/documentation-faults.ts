import type { Parameter } from './documentation.js';
import { type HeaderName, PROBLEM_TYPE } from './exchange.js';
import { keyOf } from './openapi-examples.js';
import type { Route } from './route.js';
import { parameterNames } from './router.js';

/** @throws Error where a route's documentation contradicts itself, or the route. */
export function refuseFaults(route: Route): void {
  const { method, path, doc } = route;
  const fault = faultOfParameters(route) ?? faultOfExamples(route);
  if (fault !== undefined) throw new Error(`the documentation of ${method} ${path} (${doc.id}) ${fault}`);
}

/** Headers that HTTP itself gives a meaning, or another part of the document: they are no parameters. */
const NO_PARAMETERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'authorization',
  'content-type',
  'if-none-match',
  'x-forwarded-for',
] satisfies HeaderName[];

function faultOfParameters({ path, headers, bodyBytesMax, doc }: Route): string | undefined {
  const namesIn = (place: Parameter['in']) => (doc.parameters ?? []).filter((one) => one.in === place).map(({ name }) => name);
  if (namesIn('path').join() !== parameterNames(path).join()) return 'has other parameters of the path';
  const read = headers.filter((name) => !NO_PARAMETERS.includes(name));
  const documented = namesIn('header').map((name) => name.toLowerCase());
  if (documented.sort().join() !== [...read].sort().join()) return `has other headers than ${read.join()}`;
  const hasBody = doc.bodies !== undefined || namesIn('body').length > 0;
  return hasBody === bodyBytesMax > 0
    ? undefined
    : 'does not have a body where the route reads one, or has one where it does not';
}

function faultOfExamples({ doc }: Route): string | undefined {
  const names = (doc.parameters ?? []).map(({ name }) => name);
  for (const { title, send = {}, reply } of doc.examples) {
    const stray = Object.keys(send).find((name) => !names.includes(name));
    if (stray !== undefined) return `has an example, “${title}”, that sends ${stray}, which is no parameter`;
    const isDocumented = reply.type === PROBLEM_TYPE || doc.replies[reply.status]?.content[reply.type] !== undefined;
    if (!isDocumented) return `has an example, “${title}”, with a reply that it does not have`;
  }
  const isTwice = new Set(doc.examples.map(keyOf)).size < doc.examples.length;
  return isTwice ? 'has two examples of one title' : undefined;
}
