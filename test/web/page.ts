import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { BROWSER } from '../../docs/browser.js';
import { NO_BROWSER } from '../browser.js';
import { contract, type Service } from '../contract/service.js';

/** A page in a browser, and what went wrong in it. */
export interface Opened {
  readonly page: Page;
  /** Errors on the console, violations of the policy among them, exceptions, and requests to anywhere else. */
  readonly faults: string[];
}

/** @param options with `baseURL`, where the server is not to be asked directly. */
export type Open = (t: Test, options?: BrowserContextOptions) => Promise<Opened>;

/** Runs a suite against a server on each transport, with a browser to look at it. */
export function browserContract(
  suite: (t: Test, service: Service, open: Open) => void,
  options: Record<string, string> = {},
): void {
  if (NO_BROWSER) {
    t.pass('the dashboard in a browser', { skip: NO_BROWSER });
    return;
  }
  contract((t, service) => {
    const launched = chromium.launch(BROWSER);
    t.teardown(async () => (await launched).close());
    suite(t, service, (t, options) => openPage(t, launched, service, options));
  }, options);
}

async function openPage(
  t: Test,
  launched: Promise<Browser>,
  { port }: Service,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const origin = options.baseURL ?? `http://127.0.0.1:${port}`;
  const context = await (await launched).newContext({ ...options, baseURL: origin });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // Every refusal of the API is one; which of them were due, the tests say.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(request.url());
  });
  await page.goto('/');
  return { page, faults };
}

/** What stands in a table of counters, from above. */
export function rows(page: Page, section: string): Promise<string[]> {
  const all = page.locator(`${section} tbody tr`);
  return all.evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(' = ')));
}

/** Increments as another client. */
export async function increment({ port }: Service, key: string, value: number | bigint, token?: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/increment`, {
    method: 'POST',
    body: new URLSearchParams({ key, value: `${value}` }),
    headers: token === undefined ? {} : { Authorization: token },
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}
