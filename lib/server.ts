import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { WriteBehind } from './engine/write-behind.js';
import { NodeTransport } from './http/node-transport.js';
import type { Route } from './http/route.js';
import type { Transport, TransportOf } from './http/transport.js';
import { loadUws } from './http/uws-transport.js';
import { Counters, NUMBERS } from './services/counters/counters.js';
import { counterRoutes } from './services/counters/routes.js';
import { durabilityRoutes } from './services/ops/durability-routes.js';
import { Monitor } from './services/ops/health.js';
import { opsRoutes } from './services/ops/routes.js';
import { SqliteStore } from './store/sqlite/sqlite-store.js';
import { type Columns, type Store, StoreRefusal, type StoreState } from './store/store.js';
import type { Table } from './store/table.js';
import { IDEMPOTENCY, Idempotency } from './writes/idempotency.js';

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
  const store = new SqliteStore(config.db, [NUMBERS, IDEMPOTENCY]);
  const writes = new WriteBehind({
    store,
    intervalMs: config.syncInterval,
    waitMs: config.diskTimeout,
    queueCapacity: config.queueSize,
    nowMs: () => performance.now(),
    onStoreChange: (error) => logStoreChange(log, error),
  });
  const counters = new Counters(writes, config.maxCounters);
  const idempotency = new Idempotency({
    writes,
    ttlMs: config.idempotencyTtl,
    max: config.idempotencyMax,
    wallMs: () => Date.now(),
  });
  const monitor = new Monitor(writes);
  const { durability } = config;
  const transport = transportOf([
    ...opsRoutes(monitor),
    ...[...durabilityRoutes(monitor, writes), ...counterRoutes({ counters, writes, idempotency, durability })].map((route) =>
      onlyWhenServing(route, monitor),
    ),
  ]);
  try {
    const port = await transport.listen(config.host, config.port);
    const state = await store.open();
    logRecovery(log, state);
    await load(store, NUMBERS, counters, log);
    await load(store, IDEMPOTENCY, idempotency, log);
    writes.start(state);
    idempotency.start();
    monitor.serve(state);
    log.info({ host: config.host, port, db: config.db, counters: counters.size }, 'serving');
    return { host: config.host, port, stop: () => stop({ log, config, transport, monitor, writes, idempotency, store }) };
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

/** Who takes in the rows of a table, and says why when that is impossible. */
interface Loadable {
  load(rows: Columns): string | undefined;
}

async function load(store: Store, table: Table, into: Loadable, log: Logger): Promise<void> {
  let shownMs = performance.now();
  let count = 0;
  await store.load(table, (rows) => {
    const fault = into.load(rows);
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

interface Parts {
  readonly log: Logger;
  readonly config: Config;
  readonly transport: Transport;
  readonly monitor: Monitor;
  readonly writes: WriteBehind;
  readonly idempotency: Idempotency;
  readonly store: Store;
}

async function stop({ log, config, transport, monitor, writes, idempotency, store }: Parts): Promise<boolean> {
  const startMs = performance.now();
  const leftMs = () => Math.max(1, config.stopTimeout - (performance.now() - startMs));
  monitor.phase = 'finishing';
  transport.stopListening();
  // Half of the time for the clients: the other half belongs to the disk.
  while (transport.pending > 0 && leftMs() > config.stopTimeout / 2) await delay(PENDING_CHECK_MS);
  monitor.phase = 'stopping';
  idempotency.stop();
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
