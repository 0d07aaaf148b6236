import t from 'tap';
import { BrowserPage, NO_BROWSER } from '../browser.js';
import { until } from '../condition.js';
import { ask } from '../contract/asking.js';
import { serve, TRANSPORTS } from '../contract/service.js';

for (const transport of TRANSPORTS) {
  t.test(`the page of the document over ${transport}`, { skip: NO_BROWSER }, async (t) => {
    const service = await serve(t, transport);
    const browser = await BrowserPage.open(t);
    const { page } = browser;
    const origin = `http://127.0.0.1:${service.port}`;

    await page.goto(`${origin}/doc`);
    await page.waitForSelector('#operations-Counting-increment');
    t.match(await page.textContent('h1'), /Incrementer/, 'it shows the document');

    const increment = page.locator('#operations-Counting-increment');
    await increment.locator('.opblock-summary-control').click();
    await increment.locator('.try-out__btn').click();
    for (const value of [1, 2]) {
      await increment.locator('.execute').click();
      const reply = increment.locator('.live-responses-table .response .highlight-code', { hasText: `"value": ${value}` });
      await reply.first().waitFor();
      t.match(await reply.first().textContent(), new RegExp(`"key": "abcdef",\\s*"value": ${value},\\s*"seq": ${value}\\b`));
    }
    const { json } = await ask(await service.connect(t), 'GET', '/numbers/abcdef');
    t.equal(json.value, 2, 'what is tried out on it is counted');

    t.strictSame(browser.complaints, [], 'nothing is missing, and nothing breaks the policy');
    const elsewhere = browser.requested.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'));
    t.strictSame(elsewhere, [], 'it asks nobody else');
  });
}

t.test('a page with a script in it that is not the server’s does not get it to run', { skip: NO_BROWSER }, async (t) => {
  const service = await serve(t, 'node');
  const browser = await BrowserPage.open(t);
  await browser.page.goto(`http://127.0.0.1:${service.port}/doc/`);
  await browser.page.waitForSelector('#operations-Counting-increment');
  await browser.page.evaluate(
    `document.body.insertAdjacentHTML('beforeend', '<img src="nothing" onerror="document.title = 1">')`,
  );
  // The page's policy forbids the page what waitForFunction would do in it: to evaluate a text again and again.
  const areLoaded = 'document.images.length > 0 && [...document.images].every((image) => image.complete)';
  await until('all images are loaded, or can not be', () => browser.page.evaluate<boolean>(areLoaded));
  t.match(await browser.page.title(), /Incrementer/);
  t.match(browser.complaints.join('\n'), /Content Security Policy/);
});
