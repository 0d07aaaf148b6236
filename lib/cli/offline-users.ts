import { type Composition, compose } from '../composition.js';
import { type OptionTexts, readConfig } from '../config.js';
import { recoveryNews } from '../recovery.js';
import { type Account, USERS } from '../services/accounts/account.js';
import { OWNER } from '../services/accounts/service.js';
import { StoreRefusal } from '../store/store.js';

/**
 * Has a database's users looked after while `work` is done, as a server would that has nothing
 * else: on the socket beside the file, and through the same engine and store.
 *
 * @throws StoreRefusal when the file can't be used, or a server has it.
 */
export async function withUsers<T>(options: OptionTexts, work: () => Promise<T>): Promise<T> {
  const config = readConfig(options);
  const parts = compose(config, { onStoreChange: () => undefined });
  const { store, writes, control } = parts;
  let lastSeq: number | undefined;
  try {
    const state = await load(parts);
    await store.begin();
    const news = recoveryNews(state);
    if (news !== undefined) process.stderr.write(`incrementer: ${news}\n`);
    writes.start(state);
    const fault = await control.listen(config.db);
    if (fault !== undefined) throw new StoreRefusal('no-socket', fault);
    const result = await work();
    if (await writes.stop(config.stopTimeout)) lastSeq = writes.status().seq;
    return result;
  } finally {
    control.close();
    await store.close(lastSeq);
  }
}

/** The users of a database that no server has, in the order of their names. Changes nothing. */
export async function readUsers(options: OptionTexts): Promise<Account[]> {
  const parts = compose(readConfig(options), { onStoreChange: () => undefined });
  const { accounts } = parts.users;
  try {
    await load(parts);
    return await accounts.page(OWNER, undefined, accounts.size);
  } finally {
    await parts.store.close(undefined);
  }
}

async function load({ store, users }: Composition) {
  const state = await store.open();
  await store.load(USERS, (rows) => {
    const fault = users.load(rows);
    if (fault !== undefined) throw new StoreRefusal('bad-rows', fault);
  });
  return state;
}
