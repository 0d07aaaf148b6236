import { Validator } from '@seriousme/openapi-schema-validator';
import type { ValidateFunction } from 'ajv';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import t, { type Test } from 'tap';
import { PROBLEMS } from '../../dist/http/problem.js';
import type { Options } from '../../dist/index.js';
import { type OpenApiDocument, type Operation, operationsOf, readDocument, requestOf, type TriedExample } from './document.js';
import { ownerOf } from './owner.js';
import { contract, serve, TRANSPORTS } from './service.js';
import { encode, FORM, type Reply, utf8, type Wire } from './wire.js';

/** What differs from one run to the next: it has to be of the documented type, and no more. */
const VARYING = [
  ...['reset_ms', 'created_at', 'token', 'at', 'ms', 'rows', 'request_id'],
  ...['now', 'version', 'transport', 'uptime_s', 'samples'],
  ...['threshold', 'above', 'draw_ms', 'write_ms', 'next_ms', 'timestamp'],
];

/** The headers that say something of this API's own. */
const TELLING_HEADERS = ['idempotency-replayed', 'link', 'retry-after', 'www-authenticate'];

/** What is served where nothing is left out. */
const ALL: Options = { services: 'all', pointsUsers: 1_000 };

contract(
  (t, service) => {
    t.test('the document is valid OpenAPI 3.1', async (t) => {
      const document = await readDocument(await service.connect(t));
      t.match(document.openapi, /^3\.1\./);
      const { valid, errors } = await new Validator().validate(document as never);
      t.ok(valid, 'a validator takes it', { errors });
      const schemas = schemasOf(document);
      const media = operationsOf(document).flatMap(({ operation: { requestBody, responses } }) => [
        ...Object.values(requestBody?.content ?? {}),
        ...Object.values(responses).flatMap(({ content }) => Object.values(content)),
      ]);
      t.doesNotThrow(() => media.map(({ schema }) => schemas(schema)), 'its schemas are valid, and refer to what is there');
    });

    t.test('what is in the document is served, and all that is served there is in the document', async (t) => {
      const wire = await service.connect(t);
      const document = await readDocument(wire);
      for (const [path, item] of Object.entries(document.paths)) {
        const reply = await wire.exchange(encode({ method: 'PATCH', target: path.replaceAll(/\{[^}]*\}/g, 'x') }));
        t.equal(reply.status, 405, `${path} is there`);
        const methods = Object.keys(item).map((method) => method.toUpperCase());
        const served = reply.headers.get('allow')?.split(', ');
        t.strictSame(
          served?.filter((method) => method !== 'HEAD').sort(),
          methods.sort(),
          `${path} takes the methods that it is said to`,
        );
      }
    });

    t.test('the problems that no request is made for are those that their types lead to', async (t) => {
      const wire = await service.connect(t);
      const document = await readDocument(wire);
      const shown = new Map<string, unknown>();
      for (const { operation } of operationsOf(document)) {
        const tried = operation['x-examples'].map(({ key }) => key);
        for (const { content } of Object.values(operation.responses)) {
          const examples = Object.entries(content['application/problem+json']?.examples ?? {});
          for (const [key, { value }] of examples) if (!tried.includes(key)) shown.set(key, value);
        }
      }
      t.ok(shown.size > 20, `${shown.size} problems`);
      for (const [code, value] of shown) {
        t.strictSame(JSON.parse((await wire.exchange(encode({ target: `/problems/${code}` }))).body), value, code);
      }
    });

    t.test('every problem stands with a request that can be answered so', async (t) => {
      const document = await readDocument(await service.connect(t));
      const text = JSON.stringify(operationsOf(document).map(({ operation }) => operation.responses));
      // Those that come before any route.
      const codes = Object.keys(PROBLEMS).filter((code) => !['method-not-allowed', 'origin-not-allowed'].includes(code));
      t.strictSame(
        codes.filter((code) => !text.includes(`\`${code}\``)),
        [],
      );
    });
  },
  { ...ALL, auth: 'required' },
);

contract((t, service) => {
  t.test('every operation has an example, but those whose replies are long', async (t) => {
    const document = await readDocument(await service.connect(t));
    const without = operationsOf(document).filter(({ operation }) => operation['x-examples'].length === 0);
    t.strictSame(
      without.map(({ path }) => path),
      ['/metrics', '/part1/events', '/part1', '/openapi.json', '/doc'],
    );
  });
}, ALL);

for (const transport of TRANSPORTS) {
  t.test(`the document’s examples over ${transport}`, async (t) => {
    const { connect } = await serve(t, transport, ALL);
    const document = await readDocument(await connect(t));
    const schemas = schemasOf(document);
    for (const { path, method, operation } of operationsOf(document)) {
      if (operation['x-examples'].length === 0) continue;
      t.test(`${method} ${path}`, async (t) => {
        // What makes users of its own at the start has a write before all others.
        const isOptional = ['Points', 'Load lab'].some((tag) => operation.tags.includes(tag));
        const service = await serve(t, transport, isOptional ? ALL : {});
        const needsAdmin = operation['x-examples'].some(({ headers }) => headers.Authorization === 'Bearer roots-token');
        if (needsAdmin) await ownerOf(service).ensure('root', { scope: 'admin', prefix: '', token: 'roots-token' });
        for (const example of operation['x-examples']) {
          // The reply may be a stream, which ends its connection.
          await tryOut(t, await service.connect(t), { method, operation, example, schemas });
        }
      });
    }
  });
}

/** Makes a check of a schema that stands in the document. */
type Schemas = (schema: object) => ValidateFunction;

interface Trial {
  readonly method: string;
  readonly operation: Operation;
  readonly example: TriedExample;
  readonly schemas: Schemas;
}

async function tryOut(t: Test, wire: Wire, { method, operation, example, schemas }: Trial): Promise<void> {
  const {
    key,
    reply: { status, type, headers = {} },
  } = example;
  for (const { method, target, form, json } of example.after ?? []) {
    const body = json === undefined ? { type: FORM, text: form ?? '' } : { type: 'application/json', text: JSON.stringify(json) };
    const reply = await wire.exchange(encode({ method, target, headers: { 'Content-Type': body.type }, body: utf8(body.text) }));
    t.match(reply.status, /^20\d$/, `${key}: ${method} ${target} before it`);
  }
  for (const { schema, examples } of Object.values(operation.requestBody?.content ?? {})) {
    const sent = examples?.[key];
    if (sent === undefined || status >= 400) continue;
    expectValid(t, schemas(schema), sent.value, `${key}: what is sent`);
  }
  const media = operation.responses[status]?.content[type];
  const documented = media?.examples?.[key]?.value;
  const request = requestOf(method, operation, example);
  const reply =
    typeof documented === 'string' && type === 'text/event-stream'
      ? await beginning(wire, request, documented)
      : await wire.exchange(request);
  t.equal(reply.status, status, `${key}: the status`);
  t.equal(reply.headers.get('content-type'), type, `${key}: the type`);
  for (const [name, value] of Object.entries(headers)) t.equal(reply.headers.get(name.toLowerCase()), value, `${key}: ${name}`);
  const known = Object.keys(operation.responses[status]?.headers ?? {}).map((name) => name.toLowerCase());
  const told = TELLING_HEADERS.filter((name) => reply.headers.has(name));
  t.strictSame(
    told.filter((name) => !known.includes(name)),
    [],
    `${key}: what its headers tell is documented`,
  );
  const body: unknown = type.endsWith('json') && !type.endsWith('ndjson') ? JSON.parse(reply.body) : reply.body;
  if (media === undefined) throw new Error(`${key}: ${status} ${type} is not documented`);
  expectValid(t, schemas(media.schema), body, `${key}: the reply`);
  t.strictSame(steady(body), steady(documented), `${key}: the reply is the documented one`);
}

/** The reply to a request that goes on, as far as it is as long as the documented one. */
async function beginning(wire: Wire, request: string, documented: string): Promise<Reply> {
  wire.send(request);
  const head = await wire.head();
  let body = '';
  while (body.length < documented.length) body += await wire.chunk();
  return { ...head, body };
}

/** A value of JSON without what differs from one run to the next. */
function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, VARYING.includes(name) ? typeof member : steady(member)]),
  );
}

function expectValid(t: Test, validate: ValidateFunction, value: unknown, what: string): void {
  t.ok(validate(value), `${what} is as its schema says`, { value, errors: validate.errors });
}

/** An object that has other members than it is said to is not valid. */
function schemasOf({ components }: OpenApiDocument): Schemas {
  const ajv = new Ajv.default({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addKeyword('components');
  ajv.addSchema(closed({ components }) as object, DOCUMENT);
  return (schema) => ajv.compile(closed(schema) as object);
}

const DOCUMENT = 'document';

/** A part of the document, in which every object has the members that are documented and no other. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(
    Object.entries(part).map(([name, member]) => [name, name === '$ref' ? `${DOCUMENT}${member}` : closed(member)]),
  );
  return 'properties' in copy && [copy.type].flat().includes('object') ? { additionalProperties: false, ...copy } : copy;
}
