import type { Test } from 'tap';
import { encode, FORM, type Reply, type Wire } from '../contract/wire.js';
import { withDatabase } from '../store/connection.js';

/** Headers of a request with an Idempotency-Key. */
export function keyed(idempotencyKey: string): Record<string, string> {
  return { 'Idempotency-Key': idempotencyKey };
}

/** An increment with an object in JSON as its body. */
export function postJson(value: unknown, headers: Readonly<Record<string, string>> = {}): string {
  const body = JSON.stringify(value);
  return encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': 'application/json', ...headers }, body });
}

/** An increment with its parameters in the query. */
export function postQuery(query: string, headers: Readonly<Record<string, string>> = {}): string {
  return encode({ method: 'POST', target: `/increment?${query}`, headers: { 'Content-Length': '0', ...headers } });
}

export function drain(query = '', body?: string): string {
  const headers = body === undefined ? { 'Content-Length': '0' } : { 'Content-Type': FORM };
  return encode({ method: 'POST', target: `/drain${query}`, headers, ...(body !== undefined && { body }) });
}

/** What GET /durability says. */
export interface Durability {
  readonly seq: number;
  readonly durable_seq: number;
  readonly pending: number;
  readonly oldest_pending_ms: number;
  readonly last_drain: { readonly at: string; readonly rows: number; readonly ms: number } | null;
  readonly store: 'ok' | 'failing';
  readonly recovered: { readonly clean: boolean; readonly lost_at_most: number; readonly durable_seq: number };
}

export async function durability(wire: Wire): Promise<Durability> {
  const { status, body } = await wire.exchange(encode({ target: '/durability' }));
  if (status !== 200) throw new Error(`GET /durability: ${status} ${body}`);
  return JSON.parse(body) as Durability;
}

/** The value of a counter now, as the server says it. */
export async function counted(wire: Wire, key: string): Promise<number | undefined> {
  const { status, body } = await wire.exchange(encode({ target: `/numbers/${key}` }));
  return status === 404 ? undefined : (JSON.parse(body) as { value: number }).value;
}

/** The value of a counter in the file now. */
export function stored(db: string, key: string): number | undefined {
  return withDatabase(
    db,
    (file) => file.prepare('SELECT value FROM numbers WHERE key = ?').pluck().get(key) as number | undefined,
  );
}

/** How many rows a table of the file has for a counter now. */
export function rowCount(db: string, table: string, key: string): number {
  return withDatabase(db, (file) => file.prepare(`SELECT count(*) FROM ${table} WHERE key = ?`).pluck().get(key) as number);
}

/** The idempotency keys in the file now. */
export function keptKeys(db: string): string[] {
  return withDatabase(
    db,
    (file) => file.prepare('SELECT key FROM incrementer_idempotency ORDER BY key').pluck().all() as string[],
  );
}

/** That two replies are the same as far as a client that repeats its request may tell, and the second says that it is a repeat. */
export function expectReplay(t: Test, replay: Reply, original: Pick<Reply, 'status' | 'headers' | 'body'>): void {
  t.strictSame(
    { status: replay.status, type: replay.headers.get('content-type'), body: replay.body },
    { status: original.status, type: original.headers.get('content-type'), body: original.body },
    'status, type and body are the original ones',
  );
  t.equal(replay.headers.get('idempotency-replayed'), 'true', 'it says that it is a repeat');
}
