import { encode, FORM, type Reply, type Wire } from './wire.js';

/** Parameters of a form, or of a query. */
export type Form = Readonly<Record<string, string | number | bigint>>;

export interface Answer extends Reply {
  /** The body, where it is JSON. */
  readonly json: Record<string, unknown>;
}

/** Sends a request, with a form where there is one, and reads its answer. */
export async function ask(
  wire: Wire,
  method: string,
  target: string,
  form?: Form,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const request = { method, target, headers: form === undefined ? headers : { 'Content-Type': FORM, ...headers } };
  const reply = await wire.exchange(encode(form === undefined ? request : { ...request, body: formOf(form) }));
  const isJson = reply.headers.get('content-type')?.endsWith('json') === true;
  return { ...reply, json: isJson ? (JSON.parse(reply.body) as Record<string, unknown>) : {} };
}

export function increment(wire: Wire, form: Form, headers?: Readonly<Record<string, string>>): Promise<Answer> {
  return ask(wire, 'POST', '/increment', form, headers);
}

/** The value of a counter as it stands in the JSON; `undefined` when there is none. */
export async function readValue(wire: Wire, key: string): Promise<unknown> {
  const { status, json } = await ask(wire, 'GET', `/numbers/${encodeURIComponent(key)}`);
  return status === 404 ? undefined : json.value;
}

export function formOf(form: Form): string {
  return Object.entries(form)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

/** Adds one to each of these counters, in one write. Keys are plain. */
export async function countAll(wire: Wire, keys: readonly string[]): Promise<void> {
  const body = keys.map((key) => `key=${key}`).join('&');
  const reply = await wire.exchange(encode({ method: 'POST', target: '/increments', headers: { 'Content-Type': FORM }, body }));
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.body}`);
}
