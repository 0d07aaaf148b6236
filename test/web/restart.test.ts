import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import { until } from '../condition.js';
import { serve } from '../contract/service.js';
import { browserContract, increment, rows } from './page.js';

/** One address for a server that comes back on another port: it takes a minute until it could have the same again. */
class Front {
  /** Where connections go; `undefined`: nowhere, they are closed. */
  target: number | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => {
    if (this.target === undefined) return void client.destroy();
    const server = connect(this.target, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });

  static async open(t: Test, target: number): Promise<Front> {
    const front = new Front();
    front.target = target;
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    t.teardown(() => {
      front.#server.close();
      for (const socket of front.#sockets) socket.destroy();
    });
    return front;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
}

browserContract((t, service, open) => {
  t.test('the page says when the server is gone, and comes back with it', async (t) => {
    await increment(service, 'before', 1);
    const front = await Front.open(t, service.port);
    const { page } = await open(t, { baseURL: front.origin });
    await until('it shows the counter', async () => (await rows(page, '#top')).join() === 'before = 1');
    front.target = undefined;
    t.ok(await service.stop());
    await until('it says so', async () => /^Interrupted/.test((await page.textContent('#state')) ?? ''));
    t.match(await page.textContent('#news'), /^Interrupted: the server can not be reached/, 'aloud');
    const again = await serve(t, service.transport, { db: service.db });
    front.target = again.port;
    await until('it serves', async () => /^Serving/.test((await page.textContent('#state')) ?? ''));
    await increment(again, 'before', 6);
    await until('the counter moves', async () => (await rows(page, '#top')).join() === 'before = 7');
  });
});
