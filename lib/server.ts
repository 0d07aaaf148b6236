import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Composition, compose, type Loading } from './composition.js';
import type { Config } from './config.js';
import { AccessLog } from './http/access-log.js';
import { type ClientAddress, isLoopback } from './http/client-address.js';
import { NodeTransport } from './http/node-transport.js';
import type { TlsFiles } from './http/tls.js';
import { type OnFault, type Transport, TransportError, type TransportOf } from './http/transport.js';
import { loadUws } from './http/uws-transport.js';
import { recoveryNews } from './recovery.js';
import type { Accounts } from './services/accounts/accounts.js';
import { type Store, StoreRefusal, type StoreState } from './store/store.js';

/** A load that takes longer than this shows its progress. */
const PROGRESS_MS = 1_000;

/** How often a stop looks whether the last replies are out. */
const PENDING_CHECK_MS = 5;

/** A server that serves. */
export interface Server {
  /** The address it listens on, as it was given. */
  readonly host: string;
  /** The port it listens on: with the option 0, the one that it got. */
  readonly port: number;
  /**
   * Reads certificate and key again. Connections that are made from now on get the new certificate;
   * those that there are go on. Without TLS it does nothing but log that.
   *
   * @throws TlsError when the files can't be used: the server goes on with what it has.
   */
  reload(): void;
  /**
   * Takes no more connections, answers what has arrived, drains, and closes the file. Takes no
   * longer than the option stopTimeout. Called again, it gives the same promise.
   *
   * @returns whether everything that was counted is on disk, and the file closed in order.
   */
  close(): Promise<boolean>;
}

/**
 * Starts a server. It listens before it opens the file, so that a taken port leaves the file
 * alone, and answers health checks while it loads.
 *
 * @throws ListenError when the address can't be had, StoreRefusal when the file can't be used,
 *   TlsError when certificate and key can't, TransportError when the transport that was asked for can't
 *   be loaded. Nothing was changed.
 */
export async function startServer(config: Config, log: Logger): Promise<Server> {
  const transportOf = await chooseTransport(config.transport, log);
  const onFault: OnFault = (error, { requestId }) => {
    log.error({ err: error, requestId }, 'a fault of the server: the request got internal-error');
  };
  const parts = compose(config, { onStoreChange: (error) => logStoreChange(log, error), onFault });
  const { store, writes, control, monitor, routes, requests } = parts;
  let transport: Transport | undefined;
  try {
    const accessLog = config.accessLog ? accessLogOf(parts.address, log) : undefined;
    transport = transportOf({ routes, corsOrigins: config.corsOrigin, tls: tlsOf(config), requests, accessLog, onFault });
    monitor.transport = transport.name;
    const port = await transport.listen(config.host, config.port);
    const state = await store.open();
    logRecovery(log, state);
    for (const loading of parts.loadings) await load(store, loading, log);
    await store.begin();
    writes.start(state);
    for (const job of parts.jobs) job.start();
    const fault = await control.listen(config.db);
    if (fault !== undefined) log.warn(`incrementer user can't reach this server: ${fault}`);
    warnOfAuth(config, parts.users.accounts, log);
    monitor.serve(state);
    log.info({ host: config.host, port, db: config.db, counters: parts.counters.table.size }, 'serving');
    const running: Running = { ...parts, log, config, transport };
    let closed: Promise<boolean> | undefined;
    const close = () => {
      closed ??= stop(running);
      return closed;
    };
    return { host: config.host, port, reload: () => reload(running), close };
  } catch (error) {
    transport?.stopListening();
    transport?.close();
    control.close();
    await store.close(undefined);
    throw error;
  }
}

async function chooseTransport(name: Config['transport'], log: Logger): Promise<TransportOf> {
  const node: TransportOf = (options) => new NodeTransport(options);
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

function tlsOf({ tlsCert, tlsKey }: Config): TlsFiles | undefined {
  return tlsCert === '' ? undefined : { certFile: tlsCert, keyFile: tlsKey };
}

function accessLogOf(address: ClientAddress, log: Logger): AccessLog {
  return new AccessLog({
    address,
    nowMs: () => performance.now(),
    write: (entry) => log.info(entry, 'request'),
  });
}

async function load(store: Store, { table, take }: Loading, log: Logger): Promise<void> {
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

function logRecovery(log: Logger, state: StoreState): void {
  const news = recoveryNews(state);
  if (news !== undefined) log.warn({ durableSeq: state.seq, lostAtMost: state.ceilingSeq - state.seq }, news);
}

function warnOfAuth({ host, auth }: Config, accounts: Accounts, log: Logger): void {
  if (auth === 'open' && !isLoopback(host)) log.warn(`whoever reaches ${host} can count here: --auth is open`);
  if (auth === 'required' && !accounts.hasAdmin) log.warn('nobody may make users yet: incrementer user add NAME --scope admin');
}

function logStoreChange(log: Logger, error: Error | undefined): void {
  if (error === undefined) log.info('the store works again; everything that waited is written');
  else log.error({ err: error }, 'the store fails; counting goes on in memory, and writing is tried again');
}

interface Running extends Composition {
  readonly log: Logger;
  readonly config: Config;
  readonly transport: Transport;
}

function reload({ log, config, transport }: Running): void {
  transport.reload();
  if (config.tlsCert === '') log.info('there is nothing to read again without --tls-cert');
  else log.info({ cert: config.tlsCert }, 'certificate and key are read again; new connections get them');
}

async function stop({ log, config, transport, control, monitor, writes, jobs, store }: Running): Promise<boolean> {
  const startMs = performance.now();
  const leftMs = () => Math.max(1, config.stopTimeout - (performance.now() - startMs));
  monitor.phase = 'finishing';
  control.close();
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
