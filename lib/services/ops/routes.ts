import { JSON_TYPE } from '../../http/exchange.js';
import { PROBLEMS, Problem, type ProblemCode } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { HEALTHZ, PROBLEM, READYZ } from './docs/health.js';
import type { Monitor } from './health.js';

/** For those who run the server. These answer whatever state it is in. */
export function opsRoutes(monitor: Monitor): Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      access: 'public',
      summary: 'Whether the process serves. 200 also while the store fails: a restart would lose what is in memory.',
      doc: HEALTHZ,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const reasons = monitor.troubles();
        exchange.reply(200, JSON_TYPE, JSON.stringify({ status: reasons.length === 0 ? 'ok' : 'degraded', reasons }));
      },
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'public',
      summary: 'Whether the server should get traffic: not while it loads or stops, or the store fails or is late.',
      doc: READYZ,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const reasons = monitor.unreadiness();
        if (reasons.length === 0) exchange.reply(200, JSON_TYPE, '{"status":"ready","reasons":[]}');
        else exchange.refuse(new Problem('not-ready', reasons.join(', '), undefined, { reasons }));
      },
    },
    {
      method: 'GET',
      path: '/problems/{code}',
      access: 'public',
      summary: 'What a problem’s `type` points to.',
      doc: PROBLEM,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const code = exchange.parameter('code');
        if (isProblemCode(code)) exchange.reply(200, JSON_TYPE, JSON.stringify(new Problem(code)));
        else exchange.refuse(new Problem('not-found', `there is no problem ${code}`));
      },
    },
  ];
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
