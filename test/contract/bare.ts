import t, { type Test } from 'tap';
import { NodeTransport } from '../../dist/http/node-transport.js';
import type { Route } from '../../dist/http/route.js';
import type { Transport, TransportOptions } from '../../dist/http/transport.js';
import { loadUws } from '../../dist/http/uws-transport.js';
import { UNDOCUMENTED } from '../undocumented.js';
import { TRANSPORTS, type TransportName } from './service.js';
import { Wire } from './wire.js';

/** A transport by itself, with routes that were made for a test. */
export interface Bare {
  readonly name: TransportName;
  readonly transport: Transport;
  /** A connection that is closed when the test ends, whatever became of it. */
  connect(t: Test): Promise<Wire>;
}

/** @param options beside the routes: `tls` with a certificate for tests. */
export async function serveBare(
  t: Test,
  name: TransportName,
  routes: readonly Route[],
  options: Omit<TransportOptions, 'routes'> = {},
): Promise<Bare> {
  const all = { routes, ...options };
  const transport = name === 'uws' ? (await loadUws())(all) : new NodeTransport(all);
  const port = await transport.listen('127.0.0.1', 0);
  t.teardown(() => {
    transport.stopListening();
    transport.close();
  });
  const connect = async (t: Test) => {
    const wire = await (options.tls === undefined ? Wire.open(port) : Wire.openSecure(port));
    t.teardown(() => wire.close());
    return wire;
  };
  return { name, transport, connect };
}

/** Runs a suite on each transport. What it holds, both transports have to do. */
export function bareContract(routes: () => readonly Route[], suite: (t: Test, bare: Bare) => void): void {
  for (const name of TRANSPORTS) {
    t.test(`over ${name}`, async (t) => suite(t, await serveBare(t, name, routes())));
  }
}

/** A route, with what most of them have in common left out. */
export function route(given: Pick<Route, 'path' | 'handle'> & Partial<Route>): Route {
  return { method: 'GET', access: 'public', summary: '', doc: UNDOCUMENTED, headers: [], bodyBytesMax: 0, ...given };
}
