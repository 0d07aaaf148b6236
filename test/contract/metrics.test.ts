import t from 'tap';
import { until } from '../condition.js';
import { HeldFile } from '../writes/held-file.js';
import { ask, increment } from './asking.js';
import { EventClient } from './event-client.js';
import { expectProblem } from './expectation.js';
import { metricsOf, valueIn } from './exposition.js';
import { contract, serve, TRANSPORTS } from './service.js';
import { encode, post } from './wire.js';

contract((t, service) => {
  t.test('the metrics are in the Prometheus text format', async (t) => {
    const reply = await ask(await service.connect(t), 'GET', '/metrics');
    t.equal(reply.status, 200);
    t.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  });

  t.test('names follow the conventions, and every metric has a help', async (t) => {
    for (const [name, { type, help }] of await metricsOf(await service.connect(t))) {
      t.match(name, /^(incrementer|process|nodejs)_[a-z0-9_]+$/);
      t.match(help, /^[A-Z0-9].+\.$/, `${name}: ${help}`);
      if (name.startsWith('incrementer_')) t.equal(name.endsWith('_total'), type === 'counter', name);
      t.notMatch(name, /_(ms|millis|kb|mb|minutes)\b/, 'in base units');
    }
  });

  t.test('requests are counted by route and class of status', async (t) => {
    const wire = await service.connect(t);
    const seriesOf = (method: string, route: string, status: string) =>
      `incrementer_http_requests_total{method="${method}",route="${route}",status="${status}"}`;
    const before = await metricsOf(wire);
    const value = (name: string) => before.get('incrementer_http_requests_total')?.values.get(name);
    t.equal(value(seriesOf('GET', '/numbers/{key}', '4xx')), 0, 'a route that was not asked is there');
    await increment(wire, { key: 'a' });
    await increment(wire, { key: '' });
    await ask(wire, 'GET', '/numbers/nobody');
    await wire.exchange(encode({ method: 'HEAD', target: '/numbers/a' }));
    await ask(wire, 'GET', '/nowhere?a=1');
    await ask(wire, 'PATCH', '/increment');
    const after = await metricsOf(wire);
    const grown = [...(after.get('incrementer_http_requests_total')?.values ?? [])].filter(
      ([name, count]) => count !== (value(name) ?? 0),
    );
    t.same(
      new Map(grown.map(([name, count]) => [name, count - (value(name) ?? 0)])),
      new Map([
        [seriesOf('GET', '/metrics', '2xx'), 1],
        [seriesOf('POST', '/increment', '2xx'), 1],
        [seriesOf('POST', '/increment', '4xx'), 1],
        [seriesOf('GET', '/numbers/{key}', '4xx'), 1],
        [seriesOf('GET', '/numbers/{key}', '2xx'), 1],
        [seriesOf('unrouted', 'unrouted', '4xx'), 2],
      ]),
    );
  });

  t.test('writes and drains are there when they are done', async (t) => {
    const wire = await service.connect(t);
    const [drains = 0, rows = 0, writes = 0, seq = 0] = [
      await valueIn(wire, 'incrementer_drain_duration_seconds_count'),
      await valueIn(wire, 'incrementer_drain_rows_sum'),
      await valueIn(wire, 'incrementer_writes_total'),
      await valueIn(wire, 'incrementer_seq'),
    ];
    await increment(wire, { key: 'b' });
    await increment(wire, { key: 'c', durability: 'disk' });
    t.equal(await valueIn(wire, 'incrementer_writes_total'), writes + 2);
    t.equal(await valueIn(wire, 'incrementer_seq'), seq + 2);
    t.equal(await valueIn(wire, 'incrementer_durable_seq'), seq + 2);
    t.ok(((await valueIn(wire, 'incrementer_drain_duration_seconds_count')) ?? 0) > drains);
    t.ok(((await valueIn(wire, 'incrementer_drain_rows_sum')) ?? 0) >= rows + 2);
    t.equal(await valueIn(wire, 'incrementer_oldest_pending_seconds'), 0);
    t.equal(await valueIn(wire, 'incrementer_drain_failures_total'), 0);
  });

  t.test('the state is there: counters, readers, what it is', async (t) => {
    const wire = await service.connect(t);
    const counters = (await valueIn(wire, 'incrementer_counters')) ?? 0;
    await increment(wire, { key: `new-${service.transport}` });
    t.equal(await valueIn(wire, 'incrementer_counters'), counters + 1);
    const client = await EventClient.open(t, service, 'key=a');
    t.equal(await valueIn(wire, 'incrementer_event_readers'), 1);
    client.wire.close();
    await until('it has left', async () => (await valueIn(wire, 'incrementer_event_readers')) === 0);
    t.equal(await valueIn(wire, 'incrementer_ready'), 1);
    t.equal(await valueIn(wire, 'incrementer_users'), 0);
    t.equal(await valueIn(wire, 'incrementer_queue_capacity_entries'), 1_048_576);
    const [info] = (await metricsOf(wire)).get('incrementer_build_info')?.values.keys() ?? [];
    t.match(info, new RegExp(`version="\\d+\\.\\d+\\.\\d+",transport="${service.transport}",node="v\\d+`));
  });

  t.test('delays of the event loop are there, in their order', async (t) => {
    const wire = await service.connect(t);
    const delays = await until('the server was looked at', async () => {
      const metrics = await metricsOf(wire);
      const [p50 = -1, p99 = -1, max = -1] = ['p50', 'p99', 'max'].map((name) => {
        const full = `incrementer_event_loop_delay_${name}_seconds`;
        return metrics.get(full)?.values.get(full);
      });
      return max > 0 && { p50, p99, max };
    });
    const { p50, p99, max } = delays;
    t.ok(p50 >= 0 && p50 <= p99 && p99 <= max + 0.001, `${p50} ${p99} ${max}`);
  });
});

for (const transport of TRANSPORTS) {
  t.test(`over ${transport}, two servers in one process count each for itself`, async (t) => {
    const [first, second] = [await serve(t, transport), await serve(t, transport)];
    const [one, other] = [await first.connect(t), await second.connect(t)];
    await increment(one, { key: 'a' });
    const series = 'incrementer_http_requests_total{method="POST",route="/increment",status="2xx"}';
    t.same([await valueIn(one, series), await valueIn(other, series)], [1, 0]);
    t.same([await valueIn(one, 'incrementer_writes_total'), await valueIn(other, 'incrementer_writes_total')], [1, 0]);
  });

  t.test(`over ${transport}, a store that fails shows`, async (t) => {
    const service = await serve(t, transport, { syncInterval: '100ms', diskTimeout: '100ms' });
    const wire = await service.connect(t);
    await wire.exchange(post('key=warm'));
    const held = new HeldFile(t, service.db);
    await wire.exchange(post('key=a&durability=disk'));
    await until('it is said to fail', async () => (await valueIn(wire, 'incrementer_store_failing')) === 1);
    t.equal(await valueIn(wire, 'incrementer_ready'), 0);
    t.ok(((await valueIn(wire, 'incrementer_queue_entries{table="numbers"}')) ?? 0) > 0);
    t.ok(((await valueIn(wire, 'incrementer_oldest_pending_seconds')) ?? 0) > 0);
    held.release();
    await until('it works again', async () => (await valueIn(wire, 'incrementer_store_failing')) === 0);
    await until('all is written', async () => (await valueIn(wire, 'incrementer_queue_entries{table="numbers"}')) === 0);
  });

  t.test(`over ${transport}, figures are for those who may read, where not everyone may`, async (t) => {
    const wire = await (await serve(t, transport, { auth: 'required' })).connect(t);
    for (const target of ['/metrics', '/stats']) expectProblem(t, await wire.exchange(encode({ target })), 401, 'missing-token');
  });

  t.test(`over ${transport}, writes of earlier runs are not those of this one`, async (t) => {
    const first = await serve(t, transport);
    await increment(await first.connect(t), { key: 'a', durability: 'disk' });
    await first.stop();
    const wire = await (await serve(t, transport, { db: first.db })).connect(t);
    t.equal(await valueIn(wire, 'incrementer_writes_total'), 0);
    t.equal(await valueIn(wire, 'incrementer_seq'), 1);
  });
}
