import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { cpuMs, memoryMib } from '../process-figures.js';
import { ServerProcess } from '../server-process.js';
import { countAll } from './asking.js';
import { TRANSPORTS } from './service.js';
import { encode, Wire } from './wire.js';

const READERS = 1_000;
const ROUNDS = 20;

/** Readers who never read; each follows other counters than the rest, so that nothing that waits for two of them is the same. */
const DEAF = 20;
const START = 'deaf'.padEnd(DEAF, '-');
/** Counters that all of them follow. To tell of them once is half a megabyte. */
const KEYS = Array.from({ length: 1_000 }, (_, i) => `${START}${i}:${'x'.repeat(480)}`);

const DEAF_ROUNDS = 60;
const WARM_UP_ROUNDS = 20;

/** About half of what would be kept for them, if all of it were. */
const GROWTH_MIB_MAX = 300;

const WAIT_MS_MAX = 1_000;

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    const server = await ServerProcess.serving(t, `${t.testdir()}/numbers.db`, ['--transport', transport]);
    const wire = await Wire.open(server.port);
    t.teardown(() => wire.close());
    await countAll(wire, ['first']);
    const usualMib = memoryMib(server);
    const readers = await crowd(
      t,
      server,
      Array.from({ length: READERS }, () => 'many:'),
    );

    await t.test(`${READERS} readers are told of each change`, async (t) => {
      const startCpuMs = cpuMs(server);
      const delaysMs: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        await countAll(wire, ['many:a']);
        const startMs = performance.now();
        await until('all are told', () => readers.every(({ text }) => text.includes(`"key":"many:a","value":${round},`)));
        delaysMs.push(performance.now() - startMs);
      }
      const roundMs = (cpuMs(server) - startCpuMs) / ROUNDS;
      const meanMs = delaysMs.reduce((sum, ms) => sum + ms) / ROUNDS;
      t.comment(`${roundMs} ms of processor time for each; all had it ${Math.round(meanMs)} ms later`);
      t.comment(`memory ${usualMib} to ${memoryMib(server)} MiB`);
      t.ok(Math.max(...delaysMs) < WAIT_MS_MAX, `none waits for ${WAIT_MS_MAX} ms`);
    });

    await t.test(`${DEAF} readers who never read are not waited for, and nothing is kept for them`, async (t) => {
      // What it takes to count so much at all is not to be counted.
      for (let round = 0; round < WARM_UP_ROUNDS; round++) await countAll(wire, KEYS);
      const deaf = Array.from({ length: DEAF }, (_, i) => START.slice(0, i + 1));
      for (const reader of await crowd(t, server, deaf)) reader.stopReading();
      const mib = memoryMib(server);
      let mostMib = 0;
      let slowestMs = 0;
      for (let round = 1; round <= DEAF_ROUNDS; round++) {
        await countAll(wire, KEYS);
        const askedMs = performance.now();
        await countAll(wire, ['many:b']);
        slowestMs = Math.max(slowestMs, performance.now() - askedMs);
        mostMib = Math.max(mostMib, memoryMib(server));
        // As often as changes are told.
        await delay(100);
      }
      t.comment(`memory ${mib} to ${mostMib} MiB; a reply took ${Math.round(slowestMs)} ms at the most`);
      t.ok(mostMib - mib < GROWTH_MIB_MAX, `memory grows by less than ${GROWTH_MIB_MAX} MiB`);
      t.ok(slowestMs < WAIT_MS_MAX, `no reply takes ${WAIT_MS_MAX} ms`);
      await until('the others know the last change', () =>
        readers.every(({ text }) => text.includes(`"key":"many:b","value":${DEAF_ROUNDS},`)),
      );
    });

    server.signal('SIGTERM');
    t.strictSame(await server.exit, { code: 0, signal: null }, 'and the server stops in order');
  });
}

/** Readers who each follow one of these prefixes. */
async function crowd(t: Test, server: ServerProcess, prefixes: readonly string[]): Promise<Reader[]> {
  const readers = prefixes.map((prefix) => new Reader(t, server, prefix));
  await until('all follow', () => readers.every(({ follows }) => follows));
  return readers;
}

/** How much of what it was sent a reader keeps. */
const TEXT_LENGTH_MAX = 4_096;

/** One who follows a prefix, and of whom there are many. */
class Reader {
  readonly #socket: Socket;
  /** It was told where it stands: from here on it is told of what changes. */
  follows = false;
  /** The last that it got. */
  text = '';

  constructor(t: Test, { port }: ServerProcess, prefix: string) {
    this.#socket = connect(port, '127.0.0.1');
    t.teardown(() => this.#socket.destroy());
    // A reset is one way of closing.
    this.#socket.on('error', () => undefined);
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      const all = this.text + text;
      this.follows ||= all.startsWith('HTTP/1.1 200') && all.includes('\nid: ');
      this.text = all.slice(-TEXT_LENGTH_MAX);
    });
    this.#socket.write(encode({ target: `/events?prefix=${prefix}` }));
  }

  stopReading(): void {
    this.#socket.pause();
  }
}
