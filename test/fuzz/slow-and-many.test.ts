import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { until } from '../condition.js';
import { TRANSPORTS } from '../contract/service.js';
import { encode, post, Wire } from '../contract/wire.js';
import { ServerProcess } from '../server-process.js';
import { counted, durability } from '../writes/written.js';
import { ask } from './ask.js';

const IDLE = 2_000;
const SLOW = 300;
const DEAF = 20;

/** What each client sends that never reads a reply: much more than fits into the system's buffers. */
const UNREAD_BYTES = 32 * 1024 * 1024;

/** Processor time for them all, until they are cut off: what half a million requests take, and much more. */
const DEAF_CPU_MS_MAX = 15_000;

/** How long another client may wait for a reply. Those who do nothing take no time away from it; the deaf may keep the thread. */
const WAIT_MS_MAX = 5_000;
const DEAF_WAIT_MS_MAX = 60_000;

/** The deaf cost node:http 130 to 205 MiB: what it has read of their requests, and their replies. */
const GROWTH_MIB_MAX = 320;

t.setTimeout(300_000);

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}`, async (t) => {
    const server = await ServerProcess.serving(t, `${t.testdir()}/numbers.db`, ['--transport', transport]);
    // What it takes to serve at all is not to be counted.
    await new Probe(server.port).until(async () => true, 2_000);
    const usual = { mib: memoryMib(server), files: openFiles(server) };

    await t.test(`${IDLE} connections that say nothing are borne, then cut off`, async (t) => {
      await crowd(t, server.port, IDLE);
      await expectServed(t, server, usual);
    });

    await t.test(`${SLOW} clients that send a byte a second are borne, then cut off`, async (t) => {
      const slow = await crowd(t, server.port, SLOW);
      const beginnings = [
        'POST /increment HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
        `${encode({ method: 'POST', target: '/increment', headers: { 'Content-Length': '100' } })}key=slow`,
        'GET /num',
      ];
      for (const [i, socket] of slow.entries()) socket.write(beginnings[i % beginnings.length] as string);
      const dribble = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write('x');
      }, 1_000);
      t.teardown(() => clearInterval(dribble));
      const seq = await lastSeq(server);
      const served = await expectServed(t, server, usual);
      t.equal((await lastSeq(server)) - seq, served, 'of what is cut off nothing is counted');
    });

    await t.test(`${DEAF} clients that send thousands of requests and never read are borne, then cut off`, async (t) => {
      const deaf = await crowd(t, server.port, DEAF);
      // All that the system takes is there when the server looks: that is the worst that they can do at once.
      server.signal('SIGSTOP');
      for (const [i, socket] of deaf.entries()) {
        const request = i % 5 > 0 ? encode({ target: '/durability' }) : post('key=deaf');
        pump(socket, request.repeat(Math.ceil(65_536 / request.length)));
      }
      await until('the system takes no more', () => stuck(deaf));
      const startMs = cpuMs(server);
      server.signal('SIGCONT');
      await expectServed(t, server, usual, DEAF_WAIT_MS_MAX);
      const usedMs = cpuMs(server) - startMs;
      t.ok(usedMs < DEAF_CPU_MS_MAX, `${usedMs} ms of processor time went into replies that nobody reads`);
      const value = (await ask(server.port, (wire) => counted(wire, 'deaf'))) ?? 0;
      t.ok(value > 0, `${value} of their increments were counted`);
    });

    const health = await ask(server.port, (wire) => wire.exchange(encode({ target: '/healthz' })));
    t.equal(health.body, '{"status":"ok","reasons":[]}', 'the server is well');
    server.signal('SIGTERM');
    t.strictSame(await server.exit, { code: 0, signal: null }, 'and stops in order');
  });
}

async function crowd(t: Test, port: number, size: number): Promise<Socket[]> {
  const sockets = Array.from({ length: size }, () => connect(port, '127.0.0.1'));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  let connected = 0;
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.once('connect', () => connected++);
  }
  await until('all are connected', () => connected === size);
  return sockets;
}

/** Sends the bytes over and over, as fast as the other side takes them. */
function pump(socket: Socket, bytes: string): void {
  let sent = 0;
  const more = () => {
    while (sent < UNREAD_BYTES && socket.writable) {
      sent += bytes.length;
      if (!socket.write(bytes)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** How often in a row nothing must have moved. */
const STILL_CHECKS = 50;

const still = new WeakMap<Socket, { bytes: number; checks: number }>();

/** Whether nothing more of what is sent has left the process for some time. */
function stuck(sockets: readonly Socket[]): boolean {
  for (const socket of sockets) {
    const bytes = socket.bytesWritten - socket.writableLength;
    const before = still.get(socket);
    still.set(socket, { bytes, checks: before?.bytes === bytes ? before.checks + 1 : 0 });
  }
  return sockets.every((socket) => (still.get(socket)?.checks ?? 0) >= STILL_CHECKS);
}

interface Usual {
  readonly mib: number;
  readonly files: number;
}

/**
 * That another client is served until all of a crowd are cut off, and that the server's memory stays bounded meanwhile.
 *
 * @returns how many of that client's increments were counted.
 */
async function expectServed(t: Test, server: ServerProcess, usual: Usual, waitMsMax = WAIT_MS_MAX): Promise<number> {
  const probe = new Probe(server.port);
  let mostMib = 0;
  const slowest = await probe.until(async () => {
    mostMib = Math.max(mostMib, memoryMib(server));
    await delay(20);
    // Its own connection, and one that is just being closed.
    return openFiles(server) <= usual.files + 2;
  });
  t.comment(`${probe.answered} requests served, the slowest in ${Math.round(slowest)} ms; memory ${usual.mib} to ${mostMib} MiB`);
  t.ok(slowest < waitMsMax, `others are served, and none waits for ${waitMsMax} ms`);
  t.ok(mostMib - usual.mib < GROWTH_MIB_MAX, `memory grows by less than ${GROWTH_MIB_MAX} MiB`);
  return probe.answered;
}

async function lastSeq({ port }: ServerProcess): Promise<number> {
  return (await ask(port, durability)).seq;
}

/** A client as it should be. */
class Probe {
  readonly #port: number;
  answered = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Counts, and checks each reply, until it is over. Returns how long the longest reply took, in milliseconds. */
  async until(isOver: () => Promise<boolean>, times = 1): Promise<number> {
    const wire = await Wire.open(this.#port);
    let slowestMs = 0;
    const key = `probe-${Math.random()}`;
    do {
      const startMs = performance.now();
      const { status, body } = await wire.exchange(post(`key=${key}`));
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      if (status !== 200 || (JSON.parse(body) as { value: number }).value !== ++this.answered)
        throw new Error(`${status} ${body}`);
    } while (!(await isOver()) || this.answered < times);
    wire.close();
    return slowestMs;
  }
}

/** What the process has in memory now, in MiB (proc(5)). */
function memoryMib({ child }: ServerProcess): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

/** How many files and connections the process has open. */
function openFiles({ child }: ServerProcess): number {
  return readdirSync(`/proc/${child.pid}/fd`).length;
}

/** Clock ticks a second, on every Linux there is. */
const TICKS_PER_S = 100;

/** The processor time that the process has used, in milliseconds (proc(5)). */
function cpuMs({ child }: ServerProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S) * 1_000;
}
