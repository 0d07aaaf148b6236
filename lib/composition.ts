import type { Config } from './config.js';
import { WriteBehind } from './engine/write-behind.js';
import { ClientAddress } from './http/client-address.js';
import { ControlSocket } from './http/control-socket.js';
import { RequestCounts } from './http/request-counts.js';
import type { Route } from './http/route.js';
import type { OnFault } from './http/transport.js';
import { USERS } from './services/accounts/account.js';
import { AccountService } from './services/accounts/service.js';
import { CounterService } from './services/counters/service.js';
import { COUNTER_TABLES } from './services/counters/tables.js';
import { dashboardRoutes } from './services/dashboard/routes.js';
import { documentRoutes } from './services/docs/routes.js';
import { LabService } from './services/lab/service.js';
import { DrainTally } from './services/ops/drain-tally.js';
import { durabilityRoutes } from './services/ops/durability-routes.js';
import { Monitor } from './services/ops/health.js';
import { Metrics } from './services/ops/metrics.js';
import { metricsRoutes } from './services/ops/metrics-routes.js';
import { opsRoutes } from './services/ops/routes.js';
import { Sampler } from './services/ops/sampler.js';
import { statsRoutes } from './services/ops/stats-routes.js';
import { PointService } from './services/points/service.js';
import { SqliteStore } from './store/sqlite/sqlite-store.js';
import type { Columns, Store } from './store/store.js';
import type { Table } from './store/table.js';
import { COMMON_TABLES, TABLES } from './tables.js';
import { LICENSE, VERSION } from './version.js';
import { IDEMPOTENCY, Idempotency } from './writes/idempotency.js';
import { Writer } from './writes/writer.js';

/** The files of the dashboard, and of the page that shows the API's document. */
const DASHBOARD = new URL('./web/dashboard/', import.meta.url);
const DOCUMENT_PAGE = new URL('./web/doc/', import.meta.url);

/** Those of the load lab's page. */
const LAB_PAGE = new URL('./web/lab/', import.meta.url);

/** Something that is done from time to time, while the server serves. */
export interface Job {
  start(): void;
  stop(): void;
}

/** Who takes in the rows of a table. */
export interface Loading {
  readonly table: Table;
  /** Takes in some rows, or says why that is impossible. */
  readonly take: (rows: Columns) => string | undefined;
}

/** A service that is there only where it is asked for. */
interface OptionalService extends Job {
  readonly loadings: readonly Loading[];
  routes(): Route[];
}

/** What a server consists of, but for the transport. */
export interface Composition {
  readonly store: Store;
  /** Who knows which client a request came from. */
  readonly address: ClientAddress;
  readonly writes: WriteBehind;
  readonly monitor: Monitor;
  readonly counters: CounterService;
  readonly users: AccountService;
  readonly control: ControlSocket;
  /** Where the transport counts what it is asked. */
  readonly requests: RequestCounts;
  /** In the order in which they are to be loaded. */
  readonly loadings: readonly Loading[];
  readonly jobs: readonly Job[];
  /** Everything that is served, each behind the guard that it needs. */
  readonly routes: readonly Route[];
}

/** Who is told of what goes wrong while the server serves. */
export interface Hooks {
  /** Called with the error when commits begin to fail, without when they work again. */
  readonly onStoreChange: (error?: Error) => void;
  /** See TransportOptions. */
  readonly onFault?: OnFault;
}

/** Puts the parts together. Nothing runs yet, and no file is touched. */
export function compose(config: Config, { onStoreChange, onFault }: Hooks): Composition {
  const isOn = (name: Config['services'][number]) => config.services.includes(name);
  const store = new SqliteStore(config.db, isOn('points') ? TABLES : COMMON_TABLES);
  const nowMs = () => performance.now();
  const wallMs = () => Date.now();
  const startMs = nowMs();
  const drains = new DrainTally();
  const writes = new WriteBehind({
    store,
    intervalMs: config.syncInterval,
    waitMs: config.diskTimeout,
    queueCapacity: config.queueSize,
    nowMs,
    onStoreChange,
    onDrain: (drain) => drains.add(drain),
  });
  const monitor = new Monitor(writes);
  const counters = new CounterService({ writes, wallMs, ...config });
  const idempotency = new Idempotency({ writes, ttlMs: config.idempotencyTtl, max: config.idempotencyMax, wallMs });
  const address = new ClientAddress(config.trustProxy);
  const users = new AccountService({ writes, address, wallMs, nowMs, ...config });
  // Nothing of a service that is off is made: no route, no table, no job.
  const optional: OptionalService[] = [];
  if (isOn('points')) optional.push(new PointService({ writes, wallMs, nowMs, ...config }));
  if (isOn('lab')) optional.push(new LabService({ folder: LAB_PAGE, wallMs, nowMs, ...config }));
  const requests = new RequestCounts();
  const sampler = new Sampler({ writes, drains, requests, wallMs });
  const facts = () => ({
    version: VERSION,
    transport: monitor.transport,
    services: config.services,
    uptimeMs: nowMs() - startMs,
    counters: counters.table.size,
    readers: counters.readers,
    users: users.accounts.size,
  });
  const metrics = new Metrics({ writes, drains, requests, sampler, monitor, facts });
  const routes = [
    ...(isOn('accounts') ? users.routes() : []),
    ...durabilityRoutes(monitor, writes),
    ...metricsRoutes(metrics),
    ...statsRoutes({ sampler, monitor, facts, wallMs }),
    ...counters.routes({ writer: new Writer(writes, idempotency), ...config }),
    ...optional.flatMap((service) => service.routes()),
  ];
  const served = (route: Route) => onlyWhenServing(users.guard.protect(route), monitor);
  const dashboard = dashboardRoutes(DASHBOARD, isOn('accounts') ? served(users.home()) : undefined);
  const documented = [...opsRoutes(monitor).map((route) => users.guard.protect(route)), ...routes.map(served), ...dashboard];
  const pages = documentRoutes({
    routes: documented,
    folder: DOCUMENT_PAGE,
    version: VERSION,
    license: LICENSE,
    isOpen: config.auth === 'open',
  });
  return {
    store,
    address,
    writes,
    monitor,
    counters,
    users,
    control: new ControlSocket(isOn('accounts') ? users.ownersRoutes() : [], onFault),
    requests,
    loadings: [
      ...COUNTER_TABLES.map((table) => ({ table, take: (rows: Columns) => counters.load(table, rows) })),
      { table: IDEMPOTENCY, take: (rows) => idempotency.load(rows) },
      ...(isOn('accounts') ? [{ table: USERS, take: (rows: Columns) => users.load(rows) }] : []),
      ...optional.flatMap(({ loadings }) => loadings),
    ],
    jobs: [counters, idempotency, sampler, ...optional],
    routes: [...documented, ...pages],
  };
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
