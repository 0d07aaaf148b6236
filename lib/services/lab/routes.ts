import { TEXT_TYPE } from '../../http/exchange.js';
import { PAGE_HEADERS } from '../../http/page-files.js';
import { Problem } from '../../http/problem.js';
import type { Route } from '../../http/route.js';
import { readFolder, STATIC_FILE_HEADERS, StaticFiles } from '../../http/static-files.js';
import { ASYNC, EVENTS, PAGE, PAGE_FILE, SERIAL } from './docs.js';
import type { Lab } from './lab.js';
import type { Viewers } from './viewers.js';

/** How many look at the page at the same time at the most. */
const VIEWERS_MAX = 100;

export interface LabRoutesOptions {
  readonly lab: Lab;
  readonly viewers: Viewers;
  /** Where the page's files are. */
  readonly folder: URL;
}

export function labRoutes({ lab, viewers, folder }: LabRoutesOptions): Route[] {
  const files = new StaticFiles(readFolder(folder), PAGE_HEADERS);
  return [
    {
      method: 'GET',
      path: '/part1/serial',
      access: 'read',
      summary: 'Uses the slow resource, and replies when that is over.',
      doc: SERIAL,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const refusal = lab.serial(() => exchange.reply(200, TEXT_TYPE, 'OK'));
        if (refusal !== undefined) exchange.refuse(refusal);
      },
    },
    {
      method: 'GET',
      path: '/part1/async',
      access: 'read',
      summary: 'Replies at once, and lets a use of the slow resource go on behind.',
      doc: ASYNC,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        const refusal = lab.async();
        if (refusal === undefined) exchange.reply(200, TEXT_TYPE, 'OK');
        else exchange.refuse(refusal);
      },
    },
    {
      method: 'GET',
      path: '/part1/events',
      access: 'read',
      summary: 'Server-sent events: who uses the slow resource, and what became of the requests. Ten a second at the most.',
      doc: EVENTS,
      headers: [],
      bodyBytesMax: 0,
      handle(exchange) {
        if (viewers.count < VIEWERS_MAX) viewers.add(exchange.stream(), exchange.caller);
        else exchange.refuse(new Problem('too-many-readers', `${VIEWERS_MAX} look at the lab`));
      },
    },
    {
      method: 'GET',
      path: '/part1',
      access: 'public',
      summary: 'The load lab as a page.',
      doc: PAGE,
      headers: STATIC_FILE_HEADERS,
      bodyBytesMax: 0,
      handle: (exchange) => files.reply(exchange, 'index.html'),
    },
    {
      method: 'GET',
      path: '/part1/page/{file}',
      access: 'public',
      summary: 'A file of the lab’s page.',
      doc: PAGE_FILE,
      headers: STATIC_FILE_HEADERS,
      bodyBytesMax: 0,
      handle: (exchange) => files.reply(exchange, exchange.parameter('file')),
    },
  ];
}
