import { prefers } from '../../http/accept.js';
import { type Exchange, JSON_TYPE } from '../../http/exchange.js';
import { PAGE_HEADERS } from '../../http/page-files.js';
import type { Route } from '../../http/route.js';
import { readFolder, STATIC_FILE_HEADERS, StaticFiles } from '../../http/static-files.js';
import { ASSET, PAGE } from './documentation.js';

/** The API has replies of its own at the same address. */
const SHARED_HEADERS = { ...PAGE_HEADERS, Vary: 'Accept, Accept-Encoding, Authorization' };

/**
 * The page for browsers, and its files. They are the same for everyone, and are served in every state of the
 * server: the page asks for what is behind the guard by itself.
 *
 * @param folder where the files are.
 * @param home who answers at `/` those that are no browser; where it is left out, they get the page as well.
 */
export function dashboardRoutes(folder: URL, home?: Route): Route[] {
  const files = readFolder(folder);
  const page = new StaticFiles(files, SHARED_HEADERS);
  const assets = new StaticFiles(files, PAGE_HEADERS);
  return [
    home === undefined ? pageRoute(page) : sharedRoute(page, home),
    {
      method: 'GET',
      path: '/assets/{file}',
      access: 'public',
      summary: 'A file that the dashboard consists of.',
      doc: ASSET,
      headers: STATIC_FILE_HEADERS,
      bodyBytesMax: 0,
      handle: (exchange) => assets.reply(exchange, exchange.parameter('file')),
    },
  ];
}

function pageRoute(page: StaticFiles): Route {
  return {
    method: 'GET',
    path: '/',
    access: 'public',
    summary: 'The dashboard.',
    doc: PAGE,
    headers: STATIC_FILE_HEADERS,
    bodyBytesMax: 0,
    handle: (exchange) => page.reply(exchange, 'index.html'),
  };
}

/** For the API it is nothing but `home`, whoever may see the page. */
function sharedRoute(page: StaticFiles, home: Route): Route {
  return {
    ...home,
    summary: `The dashboard, where HTML is preferred and no token is sent. Otherwise: ${home.summary}`,
    headers: [...new Set([...home.headers, 'authorization' as const, 'accept' as const, ...STATIC_FILE_HEADERS])],
    handle(exchange) {
      if (isBrowser(exchange)) page.reply(exchange, 'index.html');
      else home.handle(exchange);
    },
  };
}

/** Whether somebody wants to look at a page: programs say nothing, or that they take anything, and users send a token. */
function isBrowser(exchange: Exchange): boolean {
  return exchange.header('authorization') === '' && prefers(exchange, 'text/html', JSON_TYPE);
}
