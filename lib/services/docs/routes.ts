import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { openApi } from '../../http/openapi.js';
import type { Route } from '../../http/route.js';
import { readFolder, STATIC_FILE_HEADERS, StaticFiles } from '../../http/static-files.js';
import { aboutOf } from './about.js';
import { DOCUMENT, PAGE, PAGE_FILE } from './documentation.js';

export interface DocumentOptions {
  /** The other routes that there are. */
  readonly routes: readonly Route[];
  /** Where the page's files are. */
  readonly folder: URL;
  /** Of the program that serves them. */
  readonly version: string;
  readonly license: string;
  /** Whether a token is only needed where the caller has to have an account. */
  readonly isOpen: boolean;
}

/** Nothing from elsewhere, and no script but those of the page. The style sheet has its images within itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** All routes as an OpenAPI document, these ones too, and a page that shows it. */
export function documentRoutes({ routes, folder, ...program }: DocumentOptions): Route[] {
  const files = new StaticFiles(readFolder(folder), { 'Content-Security-Policy': POLICY, 'Referrer-Policy': 'no-referrer' });
  const showPage = (exchange: Exchange) => files.reply(exchange, 'index.html');
  const page: Route = {
    method: 'GET',
    path: '/doc',
    access: 'public',
    summary: 'The API’s document as a page that can also send requests.',
    doc: PAGE,
    headers: STATIC_FILE_HEADERS,
    bodyBytesMax: 0,
    handle: showPage,
  };
  const own: Route[] = [
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'public',
      summary: 'The API’s document.',
      doc: DOCUMENT,
      headers: [],
      bodyBytesMax: 0,
      handle: (exchange) => exchange.reply(200, JSON_TYPE, document),
    },
    page,
    { ...page, path: '/doc/', aliasOf: '/doc' },
    {
      method: 'GET',
      path: '/doc/{file}',
      access: 'public',
      summary: 'A file of the page.',
      doc: PAGE_FILE,
      headers: STATIC_FILE_HEADERS,
      bodyBytesMax: 0,
      handle: (exchange) => files.reply(exchange, exchange.parameter('file')),
    },
  ];
  const document = JSON.stringify(openApi([...routes, ...own], aboutOf(program)));
  return own;
}
