import { test } from 'tap';
import { event, made, mark, reset, rigOf } from './feed-rig.js';
import { SlowStream } from './slow-stream.js';

const HEARTBEAT_TICKS = 150;
const LINGER_TICKS = 600;

test('a counter that changed is told of at the next tick, once, with its newest value', async (t) => {
  const rig = rigOf(t);
  rig.increment('p:before');
  const client = rig.follow({ prefix: 'p:' });
  t.equal(client.take(), mark(1), 'first of all it learns where it stands');
  rig.increment('p:a', 1_000);
  rig.increment('other');
  await rig.turns.passAll();
  t.equal(client.take(), '', 'nothing before the tick');
  await rig.told();
  t.equal(client.take(), event('p:a', 1_000, 1_001));
  await rig.told();
  t.equal(client.take(), '', 'and nothing when nothing changed');
});

test('who names counters gets their values first, and null for one that is not there', async (t) => {
  const rig = rigOf(t);
  rig.increment('a', 3);
  const client = rig.follow({ keys: ['a', 'b'] });
  await rig.told();
  t.equal(client.take(), mark(0) + reset(3) + event('a', 3, 3, false) + event('b', null, 3, false) + mark(3));
  rig.increment('b');
  rig.increment('c');
  await rig.told();
  t.equal(client.take(), event('b', 1, 4));
});

test('a counter that was deleted, or has ended, is told of as null', async (t) => {
  const rig = rigOf(t);
  const client = rig.follow({ prefix: '' });
  rig.increment('deleted');
  made(rig.counters.step('ended', 1, { ttlMs: 1_000, min: undefined, max: undefined, saturate: false }));
  await rig.told();
  client.take();
  made(rig.counters.delete('deleted'));
  rig.pass(1_000);
  await rig.told();
  t.equal(client.take(), event('deleted', null, 3) + event('ended', null, 4));
});

test('of the counters that one write changed only the last has the id', async (t) => {
  const rig = rigOf(t);
  const client = rig.follow({ prefix: '' });
  client.take();
  rig.incrementAll(['a', 'b', 'c']);
  rig.increment('b');
  await rig.told();
  t.equal(client.take(), event('a', 1, 1, false) + event('c', 1, 1) + event('b', 2, 2));
});

test('who follows some of them only gets the id all the same, and no event twice when it comes back', async (t) => {
  const rig = rigOf(t);
  const client = rig.follow({ keys: ['a'] }, 0);
  await rig.told();
  client.take();
  rig.incrementAll(['a', 'b']);
  await rig.told();
  t.equal(client.take(), event('a', 1, 1, false) + mark(1));
  client.cut();
  client.resume();
  await rig.told();
  t.equal(client.take(), mark(1));
});

test('when to tell takes longer than the time to the next tick, its changes come with the one after', async (t) => {
  const rig = rigOf(t, { chunkLength: 1 });
  const client = rig.follow({ prefix: '' });
  for (const key of ['a', 'b', 'c']) rig.increment(key);
  rig.tick();
  await rig.turns.pass();
  rig.increment('a');
  rig.tick();
  await rig.turns.passAll();
  client.take();
  t.strictSame([client.events, client.lastId], [3, 3], 'the second tick was left out');
  await rig.told();
  t.equal(client.take(), event('a', 2, 4));
});

test('who hears of no change hears a heartbeat, and with it how far it was told', async (t) => {
  const rig = rigOf(t);
  const [quiet, deaf] = [rig.follow({ prefix: 'quiet:' }), rig.follow({ prefix: '' })];
  for (let i = 0; i < 2_000; i++) rig.increment(`${i}`);
  await rig.told();
  quiet.take();
  const { bufferedBytes } = deaf.stream;
  await rig.told(HEARTBEAT_TICKS);
  t.equal(quiet.take(), mark(2_000));
  t.equal(deaf.stream.bufferedBytes, bufferedBytes, 'who does not take what it has gets none');
  await rig.told(2 * HEARTBEAT_TICKS);
  t.equal(quiet.take(), mark(2_000).repeat(2));
});

test('changes are noted for a while after the last reader has left, and then no more', async (t) => {
  const rig = rigOf(t);
  const client = rig.follow({ prefix: '' });
  rig.increment('a');
  await rig.told();
  client.take();
  client.cut();
  await rig.told(LINGER_TICKS - 1);
  rig.increment('b');
  client.resume();
  await rig.told();
  t.equal(client.take(), mark(1) + event('b', 1, 2), 'one who comes back in time has missed nothing');
  client.cut();
  await rig.told(LINGER_TICKS);
  t.equal(rig.changes.isActive, false);
  rig.increment('c');
  client.resume();
  await rig.told();
  client.take();
  t.strictSame([client.resets, ...client.known.keys()], [1, 'a', 'b', 'c']);
});

test('who left is forgotten, whether it was live or behind, or gone before it came', async (t) => {
  const rig = rigOf(t);
  const filterOf = (i: number) => (i % 2 === 0 ? { prefix: `${i}` } : { keys: [`${i}`] });
  const clients = Array.from({ length: 100 }, (_, i) => rig.follow(filterOf(i)));
  t.equal(rig.feed.readers, 100);
  await rig.told();
  clients.push(...Array.from({ length: 100 }, (_, i) => rig.follow(filterOf(i), 0)));
  for (const client of clients) client.cut();
  t.equal(rig.feed.readers, 0);
  rig.incrementAll(Array.from({ length: 100 }, (_, i) => `${i}`));
  await rig.told();
  const late = clients.map(({ stream }) => stream.lateWrites);
  t.strictSame(new Set(late), new Set([0]), 'nothing is written for it');
  const stream = new SlowStream();
  stream.end();
  rig.feed.follow(stream, { keys: ['a'] }, undefined);
  t.equal(rig.feed.readers, 0);
});

test('what is told at once is no more than a chunk, whatever has changed', async (t) => {
  const rig = rigOf(t, { chunkLength: 1_000 });
  const client = rig.follow({ prefix: '' });
  await rig.told();
  client.take();
  const keys = Array.from({ length: 100 }, (_, i) => `${i}`);
  rig.incrementAll(keys);
  rig.tick();
  let longest = 0;
  for (let turns = 0; turns < 1_000; turns++) {
    await rig.turns.pass();
    longest = Math.max(longest, client.take().length);
  }
  t.strictSame([...client.known.keys()], keys);
  t.ok(longest < 1_200, `${longest} characters`);
});

test('nothing is done before it is started, nor after it was stopped', async (t) => {
  const rig = rigOf(t);
  t.equal(rig.isStarted, true);
  const client = rig.follow({ prefix: '' });
  rig.feed.stop();
  t.equal(rig.isStarted, false);
  rig.increment('a');
  await rig.told();
  t.equal(client.take(), mark(0));
});
