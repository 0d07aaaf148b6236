import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { BROWSER } from '../docs/browser.js';

/** Why a test can't have a browser here; `false` where it can. CI installs one: there it is no reason. */
export const NO_BROWSER =
  existsSync(BROWSER.executablePath) || process.env.CI !== undefined
    ? false
    : `there is no ${BROWSER.executablePath} (apt-get install chromium)`;

/** A page in a real browser, and what went wrong in it. The browser ends with the test. */
export class BrowserPage {
  readonly page: Page;
  /** What its console said, errors that nobody caught, and violations of its policy. */
  readonly complaints: string[] = [];
  /** Every address that it asked for. */
  readonly requested: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('requestfailed', (request) => this.complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    page.on('request', (request) => this.requested.push(request.url()));
  }

  static async open(t: Test): Promise<BrowserPage> {
    const browser: Browser = await chromium.launch(BROWSER);
    t.teardown(() => browser.close());
    return new BrowserPage(await browser.newPage());
  }
}
