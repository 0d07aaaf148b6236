import t, { type Test } from 'tap';
import { WriteBehind } from '../../../dist/engine/write-behind.js';
import { Problem } from '../../../dist/http/problem.js';
import { USERS } from '../../../dist/services/accounts/account.js';
import { Accounts, type Changed } from '../../../dist/services/accounts/accounts.js';
import { OWNER } from '../../../dist/services/accounts/service.js';
import { hashOf } from '../../../dist/services/accounts/token.js';
import { MemoryStore } from '../../memory-store.js';

function rig(t: Test, max = 100) {
  const state = { seq: 0, ceilingSeq: 0, clean: true };
  const store = new MemoryStore(state);
  const writes = new WriteBehind({
    store,
    intervalMs: 36_000_000,
    waitMs: 60_000,
    queueCapacity: 1_000,
    nowMs: () => performance.now(),
    onStoreChange: () => undefined,
  });
  const accounts = new Accounts({ writes, max, wallMs: () => 1_000 });
  writes.start(state);
  t.teardown(() => writes.stop(1_000));
  return { accounts, writes, store };
}

function wanted(username: string, token: string) {
  return { username, token, scope: 'write', prefix: '' } as const;
}

/** What was changed; a refusal fails the test. */
function changed(outcome: Changed | Problem): Changed {
  if (outcome instanceof Problem) throw outcome;
  return outcome;
}

function codeOf(outcome: Changed | Problem): string {
  return outcome instanceof Problem ? outcome.code : 'changed';
}

function owner(accounts: Accounts, token: string): string | undefined {
  return accounts.byHash(hashOf(token))?.username;
}

t.test('a user that did not get to the disk was never there', async (t) => {
  const { accounts } = rig(t);
  const made = changed(accounts.create(OWNER, wanted('a', 'A')));
  t.equal(owner(accounts, 'A'), 'a');
  made.settle(false);
  t.equal(owner(accounts, 'A'), undefined);
  t.notOk(made.account.isValid);
  t.equal(codeOf(accounts.create(OWNER, wanted('a', 'A'))), 'changed', 'name and token are free');
});

t.test('a token that did not get to the disk gives way to the old one', async (t) => {
  const { accounts } = rig(t);
  const made = changed(accounts.create(OWNER, wanted('a', 'A')));
  made.settle(true);
  const renewed = changed(accounts.renew(made.account, 'B'));
  t.notOk(made.account.isValid);
  t.equal(owner(accounts, 'A'), undefined);
  t.equal(owner(accounts, 'B'), 'a');
  renewed.settle(false);
  t.equal(owner(accounts, 'A'), 'a');
  t.ok(accounts.byHash(hashOf('A'))?.isValid);
  t.equal(owner(accounts, 'B'), undefined);
  t.equal(accounts.size, 1);
});

t.test('a token that somebody may have to get back is nobody else’s', async (t) => {
  const { accounts } = rig(t);
  const a = changed(accounts.create(OWNER, wanted('a', 'A')));
  const b = changed(accounts.create(OWNER, wanted('b', 'B')));
  a.settle(true);
  b.settle(true);
  const renewed = changed(accounts.renew(a.account, 'A2'));
  t.equal(codeOf(accounts.renew(b.account, 'A')), 'token-taken');
  t.equal(codeOf(accounts.create(OWNER, wanted('c', 'A'))), 'token-taken');
  renewed.settle(true);
  t.equal(codeOf(accounts.create(OWNER, wanted('c', 'A'))), 'changed', 'once it is given up for good');
});

t.test('while a change is on its way, the user takes no other one, but can be ended', async (t) => {
  const { accounts } = rig(t);
  const made = changed(accounts.create(OWNER, wanted('a', 'A')));
  t.equal(codeOf(accounts.renew(made.account, 'B')), 'store-unavailable');
  made.settle(true);
  const renewed = changed(accounts.renew(made.account, 'B'));
  t.equal(codeOf(accounts.renew(renewed.account, 'C')), 'store-unavailable');
  changed(accounts.remove(renewed.account)).settle(false);
  t.equal(owner(accounts, 'B'), undefined, 'ended, whatever the disk says');
  t.equal(codeOf(accounts.create(OWNER, wanted('a', 'D'))), 'store-unavailable');
  renewed.settle(false);
  t.equal(owner(accounts, 'A'), undefined, 'and the old token does not come back');
  t.equal(codeOf(accounts.create(OWNER, wanted('a', 'D'))), 'changed');
});

t.test('what is on disk in the end is what is in memory', async (t) => {
  const { accounts, writes, store } = rig(t);
  const a = changed(accounts.create(OWNER, wanted('a', 'A')));
  a.settle(true);
  changed(accounts.create(OWNER, wanted('undone', 'U'))).settle(false);
  changed(accounts.renew(a.account, 'B')).settle(false);
  await new Promise<void>((resolve) => writes.whenDurable(writes.seq, () => resolve()));
  const rows = [...store.rows.values()];
  t.same(rows, [['a', 1, hashOf('A'), 'write', '', 1_000]]);
  const columns = USERS.columns.map((_, column) => rows.map((row) => row[column] as string));
  const { accounts: again } = rig(t);
  t.equal(again.load({ length: rows.length, columns }), undefined);
  t.equal(owner(again, 'A'), 'a');
});

t.test('rows that no server has written are refused', async (t) => {
  const columns = (rows: unknown[][]) => ({
    length: rows.length,
    columns: USERS.columns.map((_, column) => rows.map((row) => row[column] as string)),
  });
  const row = (username: string, token: string, scope = 'read') => [username, 1, hashOf(token), scope, '', 0];
  t.match(rig(t).accounts.load(columns([row('a', 'A', 'root')])), /the scope root/);
  t.match(rig(t).accounts.load(columns([row('a', 'A'), row('b', 'A')])), /two users with the same token/);
  t.match(rig(t, 1).accounts.load(columns([row('a', 'A'), row('b', 'B')])), /raise --max-users/);
});
