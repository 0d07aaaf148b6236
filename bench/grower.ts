import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of the counters. */
export interface Made {
  readonly acknowledged: number;
  /** Batches that had to be sent again. */
  readonly refusedBatches: number;
  readonly seconds: number;
}

/**
 * To be run as a process of its own: makes counters over HTTP, `counter:0000000` and so on, in
 * batches of 1000. A batch that is refused with 503 is sent again when the server says. Prints a Made.
 */
const BATCH = 1_000;
const CONNECTIONS = 4;

const [port = '', counters = ''] = process.argv.slice(2);
const count = Number(counters);
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let next = 0;
let acknowledged = 0;
let refusedBatches = 0;

const startMs = performance.now();
await Promise.all(Array.from({ length: CONNECTIONS }, connection));
const made: Made = { acknowledged, refusedBatches, seconds: (performance.now() - startMs) / 1e3 };
console.log(JSON.stringify(made));
agent.destroy();

/** One batch after the other, until all counters are made. */
async function connection(): Promise<void> {
  while (next < count) {
    const from = next;
    next = Math.min(count, from + BATCH);
    await create(from, next);
  }
}

async function create(from: number, to: number): Promise<void> {
  let body = '';
  for (let i = from; i < to; i++) body += `{"key":"counter:${String(i).padStart(7, '0')}","value":1}\n`;
  for (;;) {
    const { status, retryAfterS, reply } = await post(body);
    if (status === 200) {
      acknowledged += (JSON.parse(reply) as { count: number }).count;
      return;
    }
    if (status !== 503 || Number.isNaN(retryAfterS)) throw new Error(`a batch was answered with ${status}: ${reply}`);
    refusedBatches++;
    await delay(retryAfterS * 1e3);
  }
}

async function post(body: string): Promise<{ status: number | undefined; retryAfterS: number; reply: string }> {
  const headers = { 'Content-Type': 'application/x-ndjson', Prefer: 'return=minimal', 'Content-Length': body.length };
  const sent = request({ host: '127.0.0.1', port, path: '/increments', method: 'POST', agent, headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const retryAfter = response.headers['retry-after'];
  return { status: response.statusCode, retryAfterS: Number(retryAfter), reply: await text(response) };
}
