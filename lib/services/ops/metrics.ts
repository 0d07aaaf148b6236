import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WriteBehind } from '../../engine/write-behind.js';
import { GONE, type RequestCounts } from '../../http/request-counts.js';
import type { DrainTally } from './drain-tally.js';
import type { Monitor } from './health.js';
import type { Figure } from './sample-ring.js';
import type { Sampler } from './sampler.js';
import type { ServerFacts } from './server-facts.js';

export interface MetricsOptions {
  readonly writes: WriteBehind;
  readonly drains: DrainTally;
  readonly requests: RequestCounts;
  readonly sampler: Sampler;
  readonly monitor: Monitor;
  readonly facts: () => ServerFacts;
}

/** The Prometheus text format. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A scrape sees the worst second of so many: one that comes as often misses none. */
const DELAY_WINDOW_S = 15;

/**
 * The classes that every route has from the start, as a rate can't be told from a series that begins
 * with its first value; the others are there once there is one.
 */
const USUAL_CLASSES: readonly string[] = ['2xx', '4xx', '5xx'];

/**
 * The server's metrics for Prometheus. Nothing is handed to the library while requests are served: it
 * asks for all figures when it is asked for them.
 */
export class Metrics {
  readonly #registry = new Registry();
  #process: Registry | undefined;

  constructor(options: MetricsOptions) {
    this.#addRequests(options);
    this.#addDrains(options);
    this.#addWrites(options);
    this.#addState(options);
    this.#addDelays(options);
  }

  /** All of them, as METRICS_TYPE. */
  async text(): Promise<string> {
    this.#process ??= processMetrics();
    return `${await this.#registry.metrics()}\n${await this.#process.metrics()}`;
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `incrementer_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }

  #counter(name: string, help: string, value: () => number): void {
    new Counter({
      name: `incrementer_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  #addRequests({ requests }: MetricsOptions): void {
    new Counter({
      name: 'incrementer_http_requests_total',
      help: 'Requests by route and class of status; gone: the client went away before there was a reply.',
      labelNames: ['method', 'route', 'status'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { method, path, counts } of requests.routes) {
          counts.forEach((count, index) => {
            const status = index === GONE ? 'gone' : `${index}xx`;
            if (count > 0 || USUAL_CLASSES.includes(status)) this.inc({ method, route: path, status }, count);
          });
        }
      },
    });
  }

  #addDrains({ drains }: MetricsOptions): void {
    this.#registry.registerMetric(drains.seconds);
    this.#registry.registerMetric(drains.rows);
    this.#counter('drain_failures_total', 'Drains that came to nothing; each is tried again.', () => drains.failures);
  }

  #addWrites({ writes, monitor }: MetricsOptions): void {
    this.#counter('writes_total', 'Writes that were accepted since the start.', () => writes.seq - monitor.recovered.ceilingSeq);
    this.#gauge('seq', 'The last write; it goes on after a restart.', () => writes.seq);
    this.#gauge('durable_seq', 'The last write up to which all are on disk.', () => writes.status().durableSeq);
    this.#gauge(
      'oldest_pending_seconds',
      'Age of the oldest write that is not on disk; 0 when all are.',
      () => writes.status().oldestPendingMs / 1_000,
    );
    new Gauge({
      name: 'incrementer_queue_entries',
      help: 'Dirty entries that wait for the disk, by table.',
      labelNames: ['table'],
      registers: [this.#registry],
      collect() {
        for (const { name, count } of writes.queues) this.set({ table: name }, count);
      },
    });
    this.#gauge('queue_capacity_entries', 'Dirty entries of one table at the most.', () => writes.queueCapacity);
  }

  #addState({ monitor, facts }: MetricsOptions): void {
    this.#gauge('ready', '1 while the server should get traffic.', () => (monitor.unreadiness().length === 0 ? 1 : 0));
    this.#gauge('store_failing', '1 while the store can not be written to.', () => (monitor.store === 'failing' ? 1 : 0));
    this.#gauge('drains_stalled', '1 while writes wait for the disk much longer than a drain should take to come.', () =>
      monitor.troubles().includes('drains-stalled') ? 1 : 0,
    );
    this.#gauge('counters', 'Counters in memory.', () => facts().counters);
    this.#gauge('event_readers', 'Clients that follow the events.', () => facts().readers);
    this.#gauge('users', 'Users.', () => facts().users);
    new Gauge({
      name: 'incrementer_build_info',
      help: 'Always 1; what the server is, as labels.',
      labelNames: ['version', 'transport', 'node'],
      registers: [this.#registry],
      collect() {
        const { version, transport } = facts();
        this.set({ version, transport, node: process.version }, 1);
      },
    });
  }

  #addDelays({ sampler }: MetricsOptions): void {
    const add = (name: string, figure: Figure, what: string) =>
      this.#gauge(
        `event_loop_delay_${name}_seconds`,
        `How late the serving thread comes to its work: ${what} of a second, in the worst of the last ${DELAY_WINDOW_S}.`,
        () => sampler.highest(figure, DELAY_WINDOW_S) / 1_000,
      );
    add('p50', 'delay_p50_ms', 'the median');
    add('p99', 'delay_p99_ms', 'the 99th percentile');
    add('max', 'delay_max_ms', 'the longest delay');
  }
}

/**
 * Those that the library has of every process. They listen to each garbage collection, and can't be
 * told to stop: so there are none before they are asked for, and they hold on to nothing of a server.
 */
function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // They begin anew with each scrape, so that two who scrape spoil each other's: ours stand for them.
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_eventloop_lag')) registry.removeSingleMetric(name);
  }
  return registry;
}
