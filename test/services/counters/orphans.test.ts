import Database from 'better-sqlite3';
import t from 'tap';
import { ask, increment } from '../../contract/asking.js';
import { serve } from '../../contract/service.js';
import { drain, rowCount } from '../../writes/written.js';

t.test('a window and sources whose counter another program deleted go too, and a new counter has neither', async (t) => {
  const before = await serve(t, 'node');
  const first = await before.connect(t);
  await increment(first, { key: 'lone', value: 5, ttl: 3_600 });
  await ask(first, 'PUT', '/numbers/lone/sources/a', { value: 7 });
  await before.stop();
  const file = new Database(before.db);
  file.exec('DELETE FROM numbers');
  file.close();

  const after = await serve(t, 'node', { db: before.db });
  const wire = await after.connect(t);
  await increment(wire, { key: 'lone', value: 1 });
  t.same((await ask(wire, 'GET', '/numbers/lone')).json, { key: 'lone', value: 1 }, 'it has no end');
  t.same((await ask(wire, 'GET', '/numbers/lone/sources')).json.sources, []);
  await wire.exchange(drain());
  for (const table of ['incrementer_windows', 'incrementer_sources']) t.equal(rowCount(after.db, table, 'lone'), 0, table);
  t.match((await ask(wire, 'PUT', '/numbers/lone/sources/a', { value: 2 })).json, { value: 3 });
});
