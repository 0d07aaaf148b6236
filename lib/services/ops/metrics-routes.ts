import type { Route } from '../../http/route.js';
import { METRICS } from './docs/statistics.js';
import { METRICS_TYPE, type Metrics } from './metrics.js';

/** For Prometheus. */
export function metricsRoutes(metrics: Metrics): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      access: 'read',
      summary: 'Metrics of the server and of its process, in the Prometheus text format.',
      doc: METRICS,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        void metrics.text().then((text) => exchange.reply(200, METRICS_TYPE, text));
      },
    },
  ];
}
