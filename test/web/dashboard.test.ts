import type { Page } from 'playwright-core';
import { until } from '../condition.js';
import { browserContract, increment, rows } from './page.js';

const MARKUP = '<img src=x onerror=alert(1)>';

/** Waits until the page shows such a row. */
function shows(page: Page, section: string, row: string): Promise<unknown> {
  return until(`${section} shows ${row}`, async () => (await rows(page, section)).includes(row));
}

function says(page: Page, place: string, text: RegExp): Promise<unknown> {
  return until(`${place} says ${text}`, async () => text.test((await page.textContent(place)) ?? ''));
}

browserContract((t, service, open) => {
  t.test('a counter moves on the page when another client increments it', async (t) => {
    await increment(service, 'moving', 1_000_000);
    const { page, faults } = await open(t);
    await shows(page, '#top', 'moving = 1,000,000');
    await increment(service, 'moving', 234_567);
    await shows(page, '#top', 'moving = 1,234,567');
    await says(page, '#state', /^Serving for/);
    await says(page, '#figure-counters', /^[1-9]/);
    t.same(faults, []);
  });

  t.test('what a double can not hold is shown to the last digit', async (t) => {
    await increment(service, 'exact', 9_007_199_254_740_993n);
    const { page } = await open(t);
    await shows(page, '#top', 'exact = 9,007,199,254,740,993');
    await increment(service, 'exact', 2);
    await shows(page, '#top', 'exact = 9,007,199,254,740,995');
  });

  t.test('a key with markup in it is text, and what breaks the policy is nowhere', async (t) => {
    await increment(service, MARKUP, 2_000_000);
    const { page, faults } = await open(t);
    await shows(page, '#top', `${MARKUP} = 2,000,000`);
    await page.locator('#top tbody button', { hasText: MARKUP }).click();
    await page.click('#increment button[type=submit]');
    await says(page, '#increment-reply', /onerror=alert\(1\)> is 2,000,001, by write/);
    await page.fill('#prefix', '<img');
    await page.keyboard.press('Enter');
    await shows(page, '#search', `${MARKUP} = 2,000,001`);
    t.equal(await page.locator('main img').count(), 0);
    t.same(faults, []);
  });

  t.test('the policy stops what such a key would do, were it markup', async (t) => {
    const { page, faults } = await open(t);
    const attempt = (script: string) => page.evaluate(script).catch(() => undefined);
    await attempt(`document.body.innerHTML = '<img src=x onerror="document.title = 1">'`);
    await attempt(`document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:1/x.png' }))`);
    await attempt(`document.body.setAttribute('onclick', 'document.title = 2'); document.body.click()`);
    await until(
      'all three are refused',
      () => faults.filter((fault) => /Content Security Policy|Trusted(HTML|Script)/.test(fault)).length >= 3,
    );
    t.equal(await page.title(), 'Incrementer');
  });

  t.test('whoever has a keyboard alone can increment', async (t) => {
    const { page } = await open(t);
    await page.locator('#board').waitFor();
    const focused = () => page.evaluate('document.activeElement.id');
    await until('the form is reached', async () => {
      await page.keyboard.press('Tab');
      return (await focused()) === 'key';
    });
    t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid', 'what has the focus is seen');
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('42');
    await page.keyboard.press('Enter');
    await says(page, '#increment-reply', /^by keyboard is 42, by write [\d,]+\.$/);
    t.equal(await focused(), 'value', 'the focus stays');
  });

  t.test('a refused increment is told as what it is', async (t) => {
    const { page } = await open(t);
    await page.locator('#board').waitFor();
    await page.fill('#key', 'exact');
    await page.fill('#value', '9223372036854775807');
    await page.click('#increment button[type=submit]');
    await says(page, '#increment-reply', /^409 overflow: /);
    await page.fill('#value', '99999999999999999999');
    await page.click('#increment button[type=submit]');
    await says(page, '#increment-reply', /^400 invalid-parameter: /);
    t.equal(await page.getAttribute('#value', 'aria-invalid'), 'true');
  });

  t.test('counters are found by the beginning of their keys, a page at a time, and move', async (t) => {
    for (let i = 10; i < 35; i++) await increment(service, `found:${i}`, 1);
    const { page } = await open(t);
    await page.locator('#board').waitFor();
    await page.fill('#prefix', 'found:');
    await page.click('#search button[type=submit]');
    await says(page, '#search-reply', /^20 counters, and there are more\.$/);
    await increment(service, 'found:15', 6);
    await shows(page, '#search', 'found:15 = 7');
    await page.click('#more');
    await says(page, '#search-reply', /^5 counters\.$/);
    t.match((await rows(page, '#search'))[0], 'found:30 = 1');
    await page.fill('#prefix', 'found:nothing');
    await page.keyboard.press('Enter');
    await says(page, '#search-reply', /^No key begins with that\.$/);
  });

  t.test('a phone shows it without scrolling sideways, whatever keys there are', async (t) => {
    await increment(service, 'W'.repeat(512), 3_000_000);
    const { page } = await open(t, { viewport: { width: 360, height: 740 } });
    await until('the long key is there', async () => (await rows(page, '#top')).some((row) => row.startsWith('WWW')));
    await page.locator('#top tbody button', { hasText: 'WWW' }).click();
    await page.click('#minutes summary');
    await says(page, '#curl', /WWW/);
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    const small = await page
      .locator('main button:visible, main input:visible')
      .evaluateAll((all) =>
        all.map((each) => each.getBoundingClientRect()).filter(({ height, width }) => Math.min(height, width) < 16),
      );
    t.same(small, [], 'everything can be hit');
  });

  t.test('a page that nobody looks at asks for nothing, until somebody does', async (t) => {
    const { page } = await open(t);
    await page.clock.install();
    await page.reload();
    await page.locator('#board').waitFor();
    let asked = 0;
    page.on('request', () => asked++);
    const show = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await show(true);
    await until('it goes on for a while', () => asked > 1);
    await page.clock.fastForward(61_000);
    const readers = async () => {
      const response = await fetch(`http://127.0.0.1:${service.port}/stats`);
      return ((await response.json()) as { readers: number }).readers;
    };
    await until('nobody follows', async () => (await readers()) === 0);
    // What was asked before is known now.
    await page.evaluate('document.title');
    asked = 0;
    await page.clock.fastForward(600_000);
    t.equal(asked, 0);
    await show(false);
    await until('it goes on', () => asked > 2);
    await increment(service, 'moving', 1);
    await shows(page, '#top', 'moving = 1,234,568');
  });

  t.test('a screen reader finds names for everything', async (t) => {
    const { page } = await open(t);
    await until('the charts are described', async () => (await page.locator('canvas[aria-label]').count()) === 3);
    const heard = await page.locator('body').ariaSnapshot();
    for (const name of [
      '- banner:',
      '- heading "Incrementer 127.0.0.1:',
      '- main:',
      '- contentinfo:',
      '- region "Top counters":',
      '- table "The ten highest values, live":',
      'columnheader "Value"',
      '- textbox "Key":',
      '- textbox "Value":',
      '- checkbox "Reply when it is on disk"',
      '- button "Increment"',
      '- search "Find counters":',
      '- searchbox "Key begins with"',
      'img "Chart of the last ten minutes. Increments and drains. rows drained: now',
      'img "Chart of the last ten minutes. Delay of the serving thread. p50: now',
      'img "Chart of the last ten minutes. Waiting for the disk. counters in the queue: now',
    ]) {
      t.ok(heard.includes(name), name);
    }
    await page.click('#minutes summary');
    await until('the table is there', async () => (await page.locator('#minutes tbody tr').count()) > 0);
    t.equal(await page.locator('#minutes tbody tr').first().locator('th, td').count(), 7);
  });

  t.test('what changes all the time is not said aloud', async (t) => {
    const { page } = await open(t);
    await page.locator('#figures').waitFor();
    const live = page.locator('[aria-live], [role=status], [role=alert], [role=log], output');
    const inside = await live.evaluateAll((all) => all.filter((each) => each.closest('#figures, figure, table') !== null).length);
    t.equal(inside, 0);
    t.equal(await page.getAttribute('#news', 'role'), 'status');
  });
});

browserContract(
  (t, service, open) => {
    t.test('where points are drawn, the page shows the tick', async (t) => {
      const { page, faults } = await open(t);
      await says(page, '#points-tick', /^\d+ /);
      await says(page, '#points-threshold', /of 1,000 above$/);
      const before = (await page.textContent('#points-tick'))?.split(' ')[0];
      const fired = await fetch(`http://127.0.0.1:${service.port}/points/tick`, { method: 'POST' });
      t.equal(fired.status, 200);
      await says(page, '#points-tick', new RegExp(`^${Number(before) + 1} the next in`));
      await says(page, '#points-duration', /^[\d.]+ (µs|ms|s) written in/);
      t.same(faults, []);
    });
  },
  { services: 'all', pointsUsers: '1000', pointsTick: '1h' },
);

browserContract((t, _service, open) => {
  t.test('where they are not, it does not', async (t) => {
    const { page } = await open(t);
    await says(page, '#state', /^Serving for/);
    t.notOk(await page.isVisible('#points'));
  });
});
