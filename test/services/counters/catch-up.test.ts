import { test } from 'tap';
import { event, made, mark, reset, rigOf } from './feed-rig.js';

test('who comes back is told of what changed since, deletions too, and of nothing else', async (t) => {
  const rig = rigOf(t);
  const stays = rig.follow({ prefix: '' });
  const client = rig.follow({ prefix: 'p:' });
  for (const key of ['p:a', 'p:b', 'p:c']) rig.increment(key);
  await rig.told();
  client.take();
  client.cut();
  rig.increment('p:c', 5);
  rig.increment('other');
  made(rig.counters.delete('p:a'));
  await rig.told();
  client.resume();
  await rig.told();
  t.equal(client.take(), mark(3) + event('p:c', 6, 8) + event('p:a', null, 10));
  rig.increment('p:b');
  await rig.told();
  t.equal(client.take(), event('p:b', 2, 11), 'and then it is as before');
  t.match(stays.take(), event('p:b', 2, 11));
});

for (const [what, since, isKnown] of [
  ['the last write of the run before', 10, false],
  ['a write of the run before', 9, false],
  ['the first write of this run', 11, true],
  ['the last write', 13, true],
  ['a write that is still to come', 14, false],
] as const) {
  test(`${what} is ${isKnown ? 'one' : 'none'} to go on from`, async (t) => {
    const rig = rigOf(t, { firstSeq: 10 });
    rig.follow({ prefix: '' });
    for (const key of ['a', 'b', 'c']) rig.increment(key);
    await rig.told();
    const client = rig.follow({ prefix: '' }, since);
    await rig.told();
    const text = client.take();
    t.equal(client.resets, isKnown ? 0 : 1, text);
    t.ok(text.startsWith(mark(isKnown ? since : 0)), 'one who is cut off before it has everything must not go on from there');
    t.equal(client.events, isKnown ? 13 - since : 3);
  });
}

test('where the log does not go back far enough, everything that is followed is told after a reset', async (t) => {
  const rig = rigOf(t, { keysMax: 3 });
  rig.follow({ prefix: '' });
  for (const key of ['p:a', 'p:b', 'other']) rig.increment(key);
  await rig.told();
  const client = rig.follow({ prefix: 'p:' }, 1);
  await rig.told();
  t.equal(client.take(), mark(1) + event('p:b', 1, 2));
  client.cut();
  for (const key of ['p:c', 'p:d']) rig.increment(key);
  made(rig.counters.delete('p:b'));
  await rig.told();
  client.resume();
  await rig.told();
  const listed = ['p:a', 'p:c', 'p:d'].map((key) => event(key, 1, 6, false));
  t.equal(client.take(), mark(2) + reset(6) + listed.join('') + mark(6));
});

test('when more changes between two ticks than the log can hold, everyone gets everything anew', async (t) => {
  const rig = rigOf(t, { keysMax: 3 });
  const [all, one] = [rig.follow({ prefix: '' }), rig.follow({ keys: ['a'] }, 0)];
  await rig.told();
  for (const client of [all, one]) client.take();
  for (const key of ['a', 'b', 'c', 'd', 'e']) rig.increment(key);
  await rig.told(2);
  for (const client of [all, one]) client.take();
  t.strictSame([...all.known.keys()], ['a', 'b', 'c', 'd', 'e']);
  t.strictSame([...one.known], [['a', 1]]);
  t.equal(all.resets, 1);
});

test('ids never go back, also where a list is newer than the last tick', async (t) => {
  const rig = rigOf(t);
  rig.follow({ prefix: '' });
  for (const key of ['a', 'b', 'c']) rig.increment(key);
  const client = rig.follow({ keys: ['a', 'b', 'c'] });
  await rig.turns.passAll();
  t.match(client.take(), mark(3));
  rig.increment('a');
  await rig.told();
  t.equal(client.take(), event('a', 2, 4));
});

test('a write of more counters than go into a chunk comes to its end, however slow the reader', async (t) => {
  const rig = rigOf(t, { chunkLength: 300, bufferedMax: 200 });
  const client = rig.follow({ prefix: '' });
  const keys = Array.from({ length: 100 }, (_, i) => `${i}`);
  rig.incrementAll(keys);
  rig.increment('last');
  await rig.told();
  for (let i = 0; i < 200; i++) {
    client.take();
    await rig.turns.passAll();
  }
  t.strictSame([...client.known.keys()], [...keys, 'last']);
  t.ok(client.events <= 101 + 5, `${client.events} events for 101 changes`);
});

test('who does not take what it is sent gets nothing more until it has, and then the newest values', async (t) => {
  const rig = rigOf(t);
  const [deaf, other] = [rig.follow({ prefix: '' }), rig.follow({ prefix: '' })];
  const keys = Array.from({ length: 500 }, (_, i) => `counter:${i}`);
  for (let i = 0; i < 50; i++) {
    for (const key of keys) rig.increment(key);
    await rig.told();
    other.take();
  }
  t.ok(deaf.stream.mostBuffered < 100 * 1024, `${deaf.stream.mostBuffered} bytes wait for it`);
  t.equal(other.events, 25_000, 'others do not wait for it');
  while (deaf.take() !== '') await rig.told();
  t.strictSame(
    [...deaf.known.values()],
    keys.map(() => 50),
  );
  t.ok(deaf.events < 2_500, `${deaf.events} events`);
});

test('what is forgotten is missed by nobody who was told of it already', async (t) => {
  const rig = rigOf(t, { keysMax: 100, chunkLength: 300, bufferedMax: 200 });
  rig.follow({ prefix: '' });
  for (let i = 0; i < 100; i++) rig.increment(`${i}`);
  await rig.told();
  const client = rig.follow({ prefix: '' }, 1);
  for (let i = 0; i < 10; i++) {
    await rig.turns.passAll();
    client.take();
  }
  const told = client.events;
  t.ok(told > 10 && told < 90, `${told} events so far`);
  for (let i = 0; i < 10; i++) rig.increment(`new:${i}`);
  await rig.told();
  while (client.take() !== '') await rig.told();
  t.strictSame([client.resets, client.events], [0, 109]);
});

test('a long list is sent in parts, and what changes behind it follows', async (t) => {
  const rig = rigOf(t, { chunkLength: 1_000, bufferedMax: 500 });
  const keys = Array.from({ length: 1_000 }, (_, i) => `p:${1_000 + i}`);
  for (const key of keys) rig.increment(key);
  const client = rig.follow({ prefix: 'p:' }, 0);
  await rig.told(2);
  client.take();
  t.ok(client.known.size > 0 && client.known.size < 500, `${client.known.size} counters in the first part`);
  rig.increment('p:1000', 5);
  made(rig.counters.delete('p:1001'));
  rig.increment('p:0');
  do await rig.told();
  while (client.take() !== '');
  t.strictSame([client.known.get('p:1000'), client.known.has('p:1001'), client.known.get('p:0')], [6, false, 1]);
  t.equal(client.known.size, 1_000);
  t.equal(client.resets, 1);
});

test('those who are behind get a chunk in turn, and one slice of work is done in a turn', async (t) => {
  const rig = rigOf(t, { chunkLength: 100, sliceMs: 1 });
  rig.follow({ prefix: '' });
  for (let i = 0; i < 50; i++) rig.increment(`${i}`);
  await rig.told();
  const clients = Array.from({ length: 10 }, () => rig.follow({ prefix: '' }, 1));
  for (let turn = 1; turn <= 30; turn++) {
    await rig.turns.pass();
    const writes = clients.map(({ stream }) => stream.writes - 1);
    t.equal(
      writes.reduce((sum, count) => sum + count),
      turn,
      'one chunk in a turn',
    );
    t.ok(Math.max(...writes) - Math.min(...writes) <= 1, `nobody gets ahead: ${writes}`);
  }
});
