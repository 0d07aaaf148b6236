import { join } from 'node:path';
import type { Test } from 'tap';
import { NodeProcess, ROOT } from './node-process.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { key: string; value: number | string; seq: number; code: string; status: string | number; reasons: string[] };
}

export const EXECUTABLE = join(ROOT, 'bin', 'incrementer');

/** `incrementer start` as a process of its own, on a free port. */
export class ServerProcess extends NodeProcess {
  readonly db: string;
  #port: number | undefined;

  constructor(t: Test, db: string, args: readonly string[] = [], env: Record<string, string> = {}, executable = EXECUTABLE) {
    super(t, [executable, 'start', '--port', '0', '--db', db, ...args], { env });
    this.db = db;
  }

  /** One that serves. */
  static async serving(...parameters: ConstructorParameters<typeof ServerProcess>): Promise<ServerProcess> {
    const server = new ServerProcess(...parameters);
    await server.serves();
    return server;
  }

  async serves(): Promise<this> {
    const line = await this.printed('it serves', () => this.log().find(({ msg }) => msg === 'serving'));
    this.#port = line.port as number;
    return this;
  }

  get port(): number {
    if (this.#port === undefined) throw new Error('it does not serve yet');
    return this.#port;
  }

  /** The lines of its log so far. */
  log(): Record<string, unknown>[] {
    const lines = this.stderr.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  increment(key: string, value = 1): Promise<Reply> {
    return this.#fetch('/increment', { method: 'POST', body: new URLSearchParams({ key, value: `${value}` }) });
  }

  get(path: string): Promise<Reply> {
    return this.#fetch(path, {});
  }

  async #fetch(path: string, init: RequestInit): Promise<Reply> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
  }
}
