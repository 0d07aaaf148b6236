import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type OptionTexts, start } from '../../dist/index.js';
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
  /** Stops the server; otherwise it is stopped when its test ends. */
  stop(): Promise<boolean>;
}

/** @param options with `db`, the file that another server had before; else it gets a fresh one. */
export async function serve(t: Test, transport: TransportName, options: OptionTexts = {}): Promise<Service> {
  const db = options.db ?? join(t.testdir(), 'numbers.db');
  const server = await start({ port: '0', transport, ...options, db });
  let stopped: Promise<boolean> | undefined;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  t.teardown(stop);
  const connect = async (t: Test) => {
    const wire = await Wire.open(server.port);
    t.teardown(() => wire.close());
    return wire;
  };
  return { transport, port: server.port, db, connect, stop };
}

/** Runs a suite against a server on each transport. What it holds, both transports have to do. */
export function contract(suite: (t: Test, service: Service) => void, options: OptionTexts = {}): void {
  for (const transport of TRANSPORTS) {
    t.test(`over ${transport}`, async (t) => suite(t, await serve(t, transport, options)));
  }
}
