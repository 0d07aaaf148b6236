import fc from 'fast-check';
import { test } from 'tap';
import { ANYONE } from '../../../dist/http/caller.js';
import { Audience } from '../../../dist/services/counters/audience.js';
import { FeedReader, type Filter } from '../../../dist/services/counters/feed-reader.js';
import { holds } from '../../property.js';
import { SlowStream } from './slow-stream.js';

function readerOf(filter: Filter): FeedReader {
  return new FeedReader(new SlowStream(), filter, 0, ANYONE);
}

/** Who is found for a key, group by group. */
function groupsOf(audience: Audience, key: string): FeedReader[][] {
  const groups: FeedReader[][] = [];
  audience.visit(key, ({ readers }) => groups.push([...readers]));
  return groups;
}

test('readers of the same counters are one group, in whatever order they named them', async (t) => {
  const audience = new Audience();
  const [one, same, prefix] = [readerOf({ keys: ['a', 'b'] }), readerOf({ keys: ['b', 'a'] }), readerOf({ prefix: 'a' })];
  for (const reader of [one, same, prefix]) audience.add(reader);
  t.strictSame(groupsOf(audience, 'a'), [[one, same], [prefix]]);
  t.strictSame(groupsOf(audience, 'b'), [[one, same]]);
  audience.remove(one);
  t.strictSame(groupsOf(audience, 'b'), [[same]]);
  audience.remove(same);
  t.strictSame(groupsOf(audience, 'b'), []);
});

test('a prefix is not the key of the same text', async (t) => {
  const audience = new Audience();
  const [key, prefix, all] = [readerOf({ keys: ['a'] }), readerOf({ prefix: 'a' }), readerOf({ prefix: '' })];
  for (const reader of [key, prefix, all]) audience.add(reader);
  t.strictSame(groupsOf(audience, 'a'), [[key], [prefix], [all]]);
  t.strictSame(groupsOf(audience, 'ab'), [[prefix], [all]]);
  t.strictSame(groupsOf(audience, 'b'), [[all]]);
});

test('to take out a reader twice, or one who never came, changes nothing', async (t) => {
  const audience = new Audience();
  const [one, other] = [readerOf({ prefix: 'a' }), readerOf({ prefix: 'a' })];
  audience.add(one);
  audience.remove(other);
  t.strictSame(groupsOf(audience, 'a'), [[one]]);
  audience.remove(one);
  audience.remove(one);
  const [longer, empty] = [readerOf({ prefix: 'b' }), readerOf({ prefix: '' })];
  for (const reader of [longer, empty]) audience.add(reader);
  t.strictSame(groupsOf(audience, 'b'), [[longer], [empty]]);
});

test('whoever follows a key is found for it once, and nobody else, whoever comes and goes', async (t) => {
  const key = fc.stringMatching(/^[ab]{1,4}$/);
  const filter: fc.Arbitrary<Filter> = fc.oneof(
    fc.record({ prefix: fc.stringMatching(/^[ab]{0,3}$/) }),
    fc.record({ keys: fc.uniqueArray(key, { minLength: 1, maxLength: 4 }) }),
  );
  const operation = fc.oneof(filter, fc.nat(20));
  holds(
    t,
    fc.property(fc.array(operation, { maxLength: 40, size: 'max' }), fc.array(key, { maxLength: 10 }), (operations, keys) => {
      const audience = new Audience();
      const readers: FeedReader[] = [];
      for (const done of operations) {
        if (typeof done !== 'number') {
          const reader = readerOf(done);
          readers.push(reader);
          audience.add(reader);
        } else {
          for (const reader of readers.splice(done, 1)) audience.remove(reader);
        }
      }
      for (const key of keys) {
        const groups = groupsOf(audience, key);
        if (groups.some((group) => group.length === 0)) throw new Error('a group outlived its readers');
        const found = groups.flat();
        const expected = readers.filter((reader) => reader.follows(key));
        if (new Set(found).size !== found.length) throw new Error(`someone was found twice for ${key}`);
        if (found.length !== expected.length || expected.some((reader) => !found.includes(reader))) {
          throw new Error(`${found.length} were found for ${key}, not the ${expected.length} who follow it`);
        }
      }
    }),
    1_000,
  );
});
