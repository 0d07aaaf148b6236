import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Options, start } from '../../dist/index.js';
import { Wire } from './wire.js';

export const TRANSPORTS = ['uws', 'node'] as const;

export type TransportName = (typeof TRANSPORTS)[number];

/** A server under test, on a port and a file of its own. */
export interface Service {
  readonly transport: TransportName;
  readonly port: number;
  readonly db: string;
  /** A connection that is closed when the test ends, whatever became of it. */
  connect(t: Test): Promise<Wire>;
  /** Has the server read its certificate again. */
  reload(): void;
  /** Stops the server; otherwise it is stopped when its test ends. */
  stop(): Promise<boolean>;
}

/** @param options with `db`, the file that another server had before; else it gets a fresh one. */
export async function serve(t: Test, transport: TransportName, options: Options = {}): Promise<Service> {
  const db = options.db ?? join(t.testdir(), 'numbers.db');
  const server = await start({ port: 0, transport, ...options, db });
  t.teardown(() => server.close());
  const connect = async (t: Test) => {
    const wire = await (options.tlsCert === undefined ? Wire.open(server.port) : Wire.openSecure(server.port));
    t.teardown(() => wire.close());
    return wire;
  };
  return { transport, port: server.port, db, connect, reload: () => server.reload(), stop: () => server.close() };
}

/** Runs a suite against a server on each transport. What it holds, both transports have to do. */
export function contract(suite: (t: Test, service: Service) => void, options: Options = {}): void {
  for (const transport of TRANSPORTS) {
    t.test(`over ${transport}`, async (t) => suite(t, await serve(t, transport, options)));
  }
}
