import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { WriteBehind } from './engine/write-behind.js';
import { NodeTransport } from './http/node-transport.js';
import type { Route } from './http/route.js';
import type { Transport, TransportOf } from './http/transport.js';
import { loadUws } from './http/uws-transport.js';
import { COUNTER_TABLES, CounterService } from './services/counters/service.js';
import { durabilityRoutes } from './services/ops/durability-routes.js';
import { Monitor } from './services/ops/health.js';
import { opsRoutes } from './services/ops/routes.js';
import { SqliteStore } from './store/sqlite/sqlite-store.js';
import { type Columns, type Store, StoreRefusal, type StoreState } from './store/store.js';
import type { Table } from './store/table.js';
import { IDEMPOTENCY, Idempotency } from './writes/idempotency.js';
import { Writer } from './writes/writer.js';

/** Everything that is kept in the file. */
export const TABLES: readonly Table[] = [...COUNTER_TABLES, IDEMPOTENCY];

/** A load that takes longer than this shows its progress. */
const PROGRESS_MS = 1_000;

/** How often a stop looks whether the last replies are out. */
const PENDING_CHECK_MS = 5;

export interface Server {
  readonly host: string;
  readonly port: number;
  /**
   * Stops: takes no more connections, answers what has arrived, drains, closes. To be called
   * once. Takes no longer than the option stopTimeout.
   *
   * @returns whether everything that was counted is on disk, and the file closed in order.
   */
  stop(): Promise<boolean>;
}

/**
 * Starts a server. It listens before it opens the file, so that a taken port leaves the file
 * alone, and answers health checks while it loads.
 *
 * @throws ListenError when the address can't be had, StoreRefusal when the file can't be used,
 *   TransportError when the transport that was asked for can't be loaded. Nothing was changed.
 */
export async function startServer(config: Config, log: Logger): Promise<Server> {
  const transportOf = await chooseTransport(config.transport, log);
  const store = new SqliteStore(config.db, TABLES);
  const writes = new WriteBehind({
    store,
    intervalMs: config.syncInterval,
    waitMs: config.diskTimeout,
    queueCapacity: config.queueSize,
    nowMs: () => performance.now(),
    onStoreChange: (error) => logStoreChange(log, error),
  });
  const wallMs = () => Date.now();
  const service = new CounterService({ writes, wallMs, ...config });
  const idempotency = new Idempotency({ writes, ttlMs: config.idempotencyTtl, max: config.idempotencyMax, wallMs });
  const monitor = new Monitor(writes);
  const routes = [
    ...durabilityRoutes(monitor, writes),
    ...service.routes({ writer: new Writer(writes, idempotency), ...config }),
  ];
  const transport = transportOf([...opsRoutes(monitor), ...routes.map((route) => onlyWhenServing(route, monitor))]);
  const jobs: readonly Job[] = [service, idempotency];
  try {
    const port = await transport.listen(config.host, config.port);
    const state = await store.open();
    logRecovery(log, state);
    for (const table of COUNTER_TABLES) await load(store, table, (rows) => service.load(table, rows), log);
    await load(store, IDEMPOTENCY, (rows) => idempotency.load(rows), log);
    await store.begin();
    writes.start(state);
    for (const job of jobs) job.start();
    monitor.serve(state);
    log.info({ host: config.host, port, db: config.db, counters: service.table.size }, 'serving');
    return { host: config.host, port, stop: () => stop({ log, config, transport, monitor, writes, jobs, store }) };
  } catch (error) {
    transport.stopListening();
    transport.close();
    await store.close(undefined);
    throw error;
  }
}

/** The transport that was asked for can't be had. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
}

async function chooseTransport(name: Config['transport'], log: Logger): Promise<TransportOf> {
  const node: TransportOf = (routes) => new NodeTransport(routes);
  if (name === 'node') return node;
  try {
    return await loadUws();
  } catch (error) {
    const why = `uWebSockets.js has no binary for ${process.platform} ${process.arch} and Node ${process.version}`;
    if (name === 'uws') throw new TransportError(why, { cause: error });
    log.warn(`${why}: serving with node:http, at about a third of the speed`);
    return node;
  }
}

/** A route whose handler needs the counters to be there. */
function onlyWhenServing(route: Route, monitor: Monitor): Route {
  return {
    ...route,
    handle(exchange) {
      const refusal = monitor.refusal();
      if (refusal === undefined) route.handle(exchange);
      else exchange.refuse(refusal);
    },
  };
}

/** Takes in some rows, or says why that is impossible. */
type Take = (rows: Columns) => string | undefined;

async function load(store: Store, table: Table, take: Take, log: Logger): Promise<void> {
  let shownMs = performance.now();
  let count = 0;
  await store.load(table, (rows) => {
    const fault = take(rows);
    if (fault !== undefined) throw new StoreRefusal('bad-rows', fault);
    count += rows.length;
    if (performance.now() - shownMs < PROGRESS_MS) return;
    shownMs = performance.now();
    log.info({ table: table.name, rows: count }, 'loading');
  });
}

function logRecovery(log: Logger, { seq, ceilingSeq, clean }: StoreState): void {
  if (clean) return;
  const lost = ceilingSeq - seq;
  const what = lost === 0 ? 'nothing is lost' : `at most ${lost} writes that were acknowledged from memory are lost`;
  log.warn({ durableSeq: seq, lostAtMost: lost }, `the last run did not stop cleanly: ${what}`);
}

function logStoreChange(log: Logger, error: Error | undefined): void {
  if (error === undefined) log.info('the store works again; everything that waited is written');
  else log.error({ err: error }, 'the store fails; counting goes on in memory, and writing is tried again');
}

/** Something that is done from time to time, while the server serves. */
interface Job {
  start(): void;
  stop(): void;
}

interface Parts {
  readonly log: Logger;
  readonly config: Config;
  readonly transport: Transport;
  readonly monitor: Monitor;
  readonly writes: WriteBehind;
  readonly jobs: readonly Job[];
  readonly store: Store;
}

async function stop({ log, config, transport, monitor, writes, jobs, store }: Parts): Promise<boolean> {
  const startMs = performance.now();
  const leftMs = () => Math.max(1, config.stopTimeout - (performance.now() - startMs));
  monitor.phase = 'finishing';
  transport.stopListening();
  // Half of the time for the clients: the other half belongs to the disk.
  while (transport.pending > 0 && leftMs() > config.stopTimeout / 2) await delay(PENDING_CHECK_MS);
  monitor.phase = 'stopping';
  for (const job of jobs) job.stop();
  const drained = await writes.stop(leftMs());
  transport.close();
  const closed = store.close(drained ? writes.status().seq : undefined).then(
    () => true,
    (error: unknown) => {
      log.error({ err: error }, 'the store could not be closed in order');
      return false;
    },
  );
  return (await Promise.race([closed, delay(leftMs(), false, { ref: false })])) && drained;
}
