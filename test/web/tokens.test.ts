import type { Page } from 'playwright-core';
import { askServer } from '../../dist/http/control-socket.js';
import { until } from '../condition.js';
import type { Service } from '../contract/service.js';
import { browserContract, increment, rows } from './page.js';

interface Wanted {
  readonly username: string;
  readonly token: string;
  readonly scope: 'read' | 'write' | 'admin';
  readonly prefix?: string;
}

async function addUser({ db }: Service, wanted: Wanted): Promise<void> {
  const reply = await askServer(db, 'POST', '/user/', JSON.stringify({ prefix: '', ...wanted }));
  if (reply?.status !== 201) throw new Error(`${reply?.status} ${reply?.body}`);
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.locator('#sign-in').waitFor();
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
}

function says(page: Page, place: string, text: RegExp): Promise<unknown> {
  return until(`${place} says ${text}`, async () => text.test((await page.textContent(place)) ?? ''));
}

browserContract(
  (t, service, open) => {
    t.before(async () => {
      await addUser(service, { username: 'writer', token: 'writers-token', scope: 'write' });
      await addUser(service, { username: 'reader', token: 'readers-token', scope: 'read' });
      await addUser(service, { username: 'tenant', token: 'tenants-token', scope: 'write', prefix: 'tenant:' });
      await increment(service, 'of all', 5, 'writers-token');
      await increment(service, 'tenant:own', 3, 'tenants-token');
    });

    t.test('the page asks for a token, and for another one when nobody has that', async (t) => {
      const { page, faults } = await open(t);
      await page.locator('#sign-in').waitFor();
      t.notOk(await page.locator('#board').isVisible(), 'nothing is shown before');
      t.equal(await page.evaluate('document.activeElement.id'), 'token');
      t.equal(await page.getAttribute('#token', 'type'), 'password');
      t.equal(await page.getAttribute('#token', 'autocomplete'), 'off');
      await signIn(page, 'nobodys-token');
      await says(page, '#sign-in-reply', /^No account has this token\.$/);
      t.equal(await page.evaluate('sessionStorage.length'), 0, 'it is not kept');
      await signIn(page, 'writers-token');
      await until('it shows the counters', async () => (await rows(page, '#top')).join() === 'of all = 5,tenant:own = 3');
      t.equal(await page.textContent('#account-name'), 'writer (write)');
      t.notOk((await page.content()).includes('writers-token'), 'the token stands nowhere on the page');
      t.same(faults, []);
    });

    t.test('the feed comes with the token, and a reload keeps it', async (t) => {
      const { page } = await open(t);
      await signIn(page, 'writers-token');
      await page.locator('#board').waitFor();
      await page.reload();
      await page.locator('#board').waitFor();
      t.notOk(await page.locator('#sign-in').isVisible());
      const isFollowed = page.waitForResponse((response) => response.url().includes('/events'));
      await page.reload();
      t.equal((await isFollowed).status(), 200);
      t.equal(await (await isFollowed).request().headerValue('authorization'), 'Bearer writers-token');
    });

    t.test('who signs out leaves nothing behind', async (t) => {
      const { page } = await open(t);
      await signIn(page, 'writers-token');
      await until('it shows the counters', async () => (await rows(page, '#top')).length >= 2);
      await page.click('#sign-out');
      await page.locator('#sign-in').waitFor();
      t.notOk(await page.locator('#board').isVisible());
      t.equal(await page.evaluate('sessionStorage.length'), 0);
      await until('the rows are gone', async () => (await rows(page, '#top')).length === 0);
    });

    t.test('a token that may only read is told so before anything is tried', async (t) => {
      const { page } = await open(t);
      await signIn(page, 'readers-token');
      await until('it shows the counters', async () => (await rows(page, '#top')).length >= 2);
      await says(page, '#increment-reply', /^This token has the scope read: it can see counters, and not increment them\.$/);
      t.ok(await page.locator('#key').isDisabled());
      t.ok(await page.locator('#increment button[type=submit]').isDisabled());
    });

    t.test('a token with a prefix sees its own keys, and is told what it may not', async (t) => {
      const { page } = await open(t);
      await signIn(page, 'tenants-token');
      await until('it shows its counter', async () => (await rows(page, '#top')).join() === 'tenant:own = 3');
      t.equal(await page.inputValue('#key'), 'tenant:', 'the form begins with the prefix');
      await page.fill('#key', 'tenant:own');
      await page.click('#increment button[type=submit]');
      await says(page, '#increment-reply', /^tenant:own is 4, by write/);
      await until('its counter moves', async () => (await rows(page, '#top')).join() === 'tenant:own = 4');
      await page.fill('#key', 'of all');
      await page.click('#increment button[type=submit]');
      await says(page, '#increment-reply', /^403 outside-prefix: of all is not within tenant:$/);
      await page.fill('#prefix', 'of');
      await page.click('#search button[type=submit]');
      await says(page, '#search-reply', /^403 outside-prefix: of is not within tenant:$/);
    });

    t.test('the command for the shell does not show the token', async (t) => {
      const { page } = await open(t);
      await signIn(page, 'writers-token');
      await page.locator('#board').waitFor();
      await page.fill('#key', "it's");
      const command = `curl http://127.0.0.1:${service.port}/increment -H "Authorization: Bearer $INCREMENTER_TOKEN" --data-urlencode 'key=it'\\''s' --data-urlencode value=1`;
      t.equal(await page.textContent('#curl code'), command);
    });

    t.test('whose account ends while the page is open is asked to sign in again', async (t) => {
      await addUser(service, { username: 'guest', token: 'guests-token', scope: 'read' });
      const { page } = await open(t);
      await signIn(page, 'guests-token');
      await page.locator('#board').waitFor();
      t.equal((await askServer(service.db, 'DELETE', '/users/guest'))?.status, 200);
      await page.locator('#sign-in').waitFor();
      await says(page, '#sign-in-reply', /^The token that this tab had is not valid any more\.$/);
      t.notOk(await page.locator('#board').isVisible());
    });
  },
  { auth: 'required' },
);
