import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { BrowserPage, NO_BROWSER } from '../browser.js';
import { until } from '../condition.js';
import { ownerOf } from '../contract/owner.js';
import { serve } from '../contract/service.js';
import { browserContract, type Open, rows } from './page.js';

const LAB = { services: 'counters,accounts,lab', labDelay: '600ms' };

/** Uses the resource so many times, all at once. */
async function use(origin: string, path: 'serial' | 'async', count: number, token?: string): Promise<number[]> {
  const headers = token === undefined ? {} : { Authorization: token };
  const replies = Array.from({ length: count }, () => fetch(`${origin}/part1/${path}`, { headers }));
  return (await Promise.all(replies)).map(({ status }) => status);
}

/** Waits until the table of runs has such a row. */
function shows(page: Page, row: string): Promise<unknown> {
  return until(`the table shows ${row}`, async () => (await rows(page, '#runs')).includes(row));
}

async function openLab(t: Test, open: Open, options = {}): ReturnType<Open> {
  const opened = await open(t, options);
  await opened.page.goto('/part1');
  await opened.page.locator('#lab').waitFor();
  return opened;
}

browserContract((t, service, open) => {
  const origin = `http://127.0.0.1:${service.port}`;

  t.test('what goes on is on the page while it goes on, and what came of it after', async (t) => {
    const { page, faults } = await openLab(t, open);
    t.equal(await page.textContent('#state-word'), 'Live');
    t.equal(await page.textContent('#uses'), '0');
    t.match(await page.textContent('#ideal'), '3,000 requests, 50 at a time, 600 ms each: 36 s at best.');
    const serial = use(origin, 'serial', 7);
    await until('the uses are there', async () => (await page.textContent('#uses')) === '7');
    t.equal(await page.textContent('#waiting'), '7');
    await serial;
    await use(origin, 'async', 3);
    await shows(page, 'Requests = 7 = 3');
    await shows(page, 'Uses completed = 7 = 3');
    await shows(page, 'Refused = 0 = 0');
    await until('all is quiet', async () => (await page.textContent('#uses')) === '0');
    t.match(await page.textContent('#news'), /serial: 7 requests, 0 refused, .* async: 3 requests/, 'it is said when it is over');
    t.same(faults, []);
  });

  t.test('the commands are those for this server, and are copied by keyboard', async (t) => {
    const { page } = await openLab(t, open, { permissions: ['clipboard-read', 'clipboard-write'] });
    const serial = `ab -k -n 3000 -c 50 ${origin}/part1/serial`;
    t.equal(await page.textContent('[data-command=ab-serial]'), serial);
    t.equal(await page.textContent('[data-command=ab-async]'), `ab -k -n 3000 -c 50 ${origin}/part1/async`);
    await until('the button is reached', async () => {
      await page.keyboard.press('Tab');
      return page.evaluate(`document.activeElement.textContent === 'Copy'`);
    });
    t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid', 'what has the focus is seen');
    await page.keyboard.press('Enter');
    await page.locator('.command button', { hasText: 'Copied' }).waitFor();
    t.equal(await page.evaluate('navigator.clipboard.readText()'), serial);
  });

  t.test('a phone shows it without scrolling sideways', async (t) => {
    const { page } = await openLab(t, open, { viewport: { width: 360, height: 740 } });
    await page.click('summary');
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  });

  t.test('a screen reader finds names for everything, and is not told what changes all the time', async (t) => {
    const { page } = await openLab(t, open);
    await until('the chart is described', async () => (await page.locator('canvas[aria-label]').count()) === 1);
    const heard = await page.locator('body').ariaSnapshot();
    for (const name of [
      '- heading "Load lab 127.0.0.1:',
      '- region "Now":',
      '- region "The last minute":',
      'img "Chart of the last minute. Uses of the resource. uses: ',
      '- table "What came to each endpoint since it was last quiet for two seconds":',
      'columnheader "serial"',
      'rowheader "Most uses at once"',
      '- button "Copy the command for ab, serial"',
      '- region "What to look for":',
    ]) {
      t.ok(heard.includes(name), `${name} in\n${heard}`);
    }
    const live = page.locator('[aria-live], [role=status], [role=alert], [role=log], output');
    const inside = await live.evaluateAll((all) => all.filter((each) => each.closest('#figures, figure, table') !== null).length);
    t.equal(inside, 0);
  });
}, LAB);

t.test('where a token is asked for the page asks for one, and puts none into its commands', { skip: NO_BROWSER }, async (t) => {
  const service = await serve(t, 'node', { ...LAB, auth: 'required', labLimit: 2 });
  const origin = `http://127.0.0.1:${service.port}`;
  const token = await ownerOf(service).token({ scope: 'read', prefix: '' });
  const { page } = await BrowserPage.open(t);
  await page.goto(`${origin}/part1`);
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
  await page.locator('#lab').waitFor();
  t.equal(await page.textContent('#limit'), '2 at most');
  const command = await page.textContent('[data-command=ab-serial]');
  t.equal(command, `ab -k -n 3000 -c 50 -H "Authorization: Bearer $INCREMENTER_TOKEN" ${origin}/part1/serial`);
  t.same((await use(origin, 'serial', 3, token)).sort(), [200, 200, 500]);
  await shows(page, 'Refused = 1 = –');
  await page.click('#sign-out');
  await page.locator('#sign-in').waitFor();
  t.equal(await page.locator('#lab').isVisible(), false, 'what was seen is seen no longer');
});
