import t, { type Test } from 'tap';
import { NodeTransport } from '../../dist/http/node-transport.js';
import type { Route } from '../../dist/http/route.js';
import type { Transport } from '../../dist/http/transport.js';
import { loadUws } from '../../dist/http/uws-transport.js';
import { TRANSPORTS, type TransportName } from './service.js';
import { Wire } from './wire.js';

/** A transport by itself, with routes that were made for a test. */
export interface Bare {
  readonly name: TransportName;
  readonly transport: Transport;
  /** A connection that is closed when the test ends, whatever became of it. */
  connect(t: Test): Promise<Wire>;
}

export async function serveBare(t: Test, name: TransportName, routes: readonly Route[]): Promise<Bare> {
  const transport = name === 'uws' ? (await loadUws())(routes) : new NodeTransport(routes);
  const port = await transport.listen('127.0.0.1', 0);
  t.teardown(() => {
    transport.stopListening();
    transport.close();
  });
  const connect = async (t: Test) => {
    const wire = await Wire.open(port);
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
  return { method: 'GET', summary: '', headers: [], bodyBytesMax: 0, ...given };
}
