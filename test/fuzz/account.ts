import { PROBLEMS } from '../../dist/http/problem.js';
import { type Reply, readReplies } from './replies.js';
import type { Target } from './target.js';

const COUNTED = /^\{"key":("(?:[^"\\]|\\.)*"),"value":(?:(-?\d+)|"(-?\d+)"),"seq":(\d+)(?:,"durable":true)?\}$/;

/** What HTTP libraries answer by themselves, before a request is one: not implemented, version not supported. */
const LIBRARY_5XX = [501, 505];

/** Keeps account of every reply: what was counted, and what should never be said. */
export class Account {
  /** By seq, which counter it was and what its value then was. */
  readonly counted = new Map<number, { readonly key: string; readonly value: string }>();
  readonly statuses = new Map<number, number>();
  readonly faults: string[] = [];
  sent = 0;
  replies = 0;
  /** How many replies said that a write is on disk. */
  durable = 0;
  /** How many increments there may have been in the last messages on connections that the server cut off. */
  cutOff = 0;

  /** Takes in all that came on a connection. */
  add(target: Target): void {
    if (target.isCutOff) this.cutOff += target.last.split('/increment').length - 1;
    try {
      for (const reply of readReplies(target.received)) this.#add(reply);
    } catch (error) {
      this.#fault(String(error));
    }
  }

  #add({ status, head, body }: Reply): void {
    this.replies++;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (head.includes('content-type: application/problem+json')) this.#expectNamed(status, body);
    else if (status >= 500 && !LIBRARY_5XX.includes(status)) this.#fault(`${status} ${body}`);
    if (status !== 200) return;
    if (body.includes('"durable":true')) this.durable++;
    const [, key, small, large, seq] = COUNTED.exec(Buffer.from(body, 'latin1').toString()) ?? [];
    if (key === undefined || head.includes('idempotency-replayed')) return;
    const counted = { key: JSON.parse(key) as string, value: small ?? large ?? '' };
    if (this.counted.has(Number(seq))) this.#fault(`seq ${seq} was given twice`);
    this.counted.set(Number(seq), counted);
  }

  #expectNamed(status: number, body: string): void {
    if (body === '') return; // The reply to a HEAD.
    const { code } = JSON.parse(body) as { code: string };
    const known = new Map<string, readonly [status: number, title: string]>(Object.entries(PROBLEMS)).get(code);
    if (known?.[0] !== status) this.#fault(`${status} ${code}`);
  }

  #fault(what: string): void {
    if (this.faults.length < 10) this.faults.push(what);
  }

  /** The value of every counter, as the last reply about it says. */
  values(): Map<string, string> {
    const seqs = [...this.counted.keys()].sort((a, b) => a - b);
    return new Map(
      seqs.map((seq) => this.counted.get(seq) as { key: string; value: string }).map(({ key, value }) => [key, value]),
    );
  }
}
