import fc from 'fast-check';
import { test } from 'tap';
import { Registry } from '../../dist/engine/registry.js';
import { holds } from '../property.js';

const AWKWARD = [
  '',
  'a',
  'ab',
  'abc',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '👍',
  '\ud83d',
  'é',
  'e\u0301',
  '0',
  '-1',
];

test('every key is an ordinary key', async (t) => {
  const registry = new Registry<{ key: string }>(1_000);
  const keys = [...AWKWARD, 'x'.repeat(512), 'x'.repeat(511), '👍'.repeat(128)];
  for (const key of keys) {
    t.equal(registry.get(key), undefined, `${JSON.stringify(key.slice(0, 20))} is not there before it is added`);
    const entry = { key };
    t.equal(registry.add(entry), true);
    t.equal(registry.get(key), entry);
  }
  t.equal(registry.size, keys.length);
  for (const key of keys) t.equal(registry.get(key)?.key, key, 'it is still there after all the others');
});

test('it finds what a single Map would find', async (t) => {
  const anyKey = fc.oneof(fc.constantFrom(...AWKWARD), fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ maxLength: 40 }));
  holds(
    t,
    fc.property(fc.array(anyKey, { maxLength: 100 }), fc.array(anyKey, { maxLength: 20 }), (added, asked) => {
      const registry = new Registry<{ key: string }>(1_000);
      const model = new Map<string, { key: string }>();
      for (const key of added) {
        if (registry.get(key) !== undefined) continue;
        const entry = { key };
        model.set(key, entry);
        registry.add(entry);
      }
      return registry.size === model.size && [...added, ...asked].every((key) => registry.get(key) === model.get(key));
    }),
    500,
  );
});

test('at its limit it refuses new keys and keeps the others', async (t) => {
  const registry = new Registry<{ key: string }>(2);
  t.equal(registry.limit, 2);
  t.equal(registry.add({ key: 'a' }), true);
  t.equal(registry.add({ key: 'b' }), true);
  t.equal(registry.add({ key: 'c' }), false);
  t.equal(registry.get('c'), undefined);
  t.equal(registry.size, 2);
  t.equal(registry.get('a')?.key, 'a');
});

test('a hundred thousand numbered keys are all found', async (t) => {
  const registry = new Registry<{ key: string; number: number }>(1_000_000);
  for (let number = 0; number < 100_000; number++) registry.add({ key: `key${number}`, number });
  t.equal(registry.size, 100_000);
  let found = 0;
  for (let number = 0; number < 100_000; number++) if (registry.get(`key${number}`)?.number === number) found++;
  t.equal(found, 100_000);
});

test('what is loaded is found, and a key that comes again is told', async (t) => {
  const registry = new Registry<{ key: string }>(2);
  t.equal(registry.load({ key: 'a' }), 'added');
  t.equal(registry.load({ key: 'a' }), 'known');
  t.equal(registry.size, 1);
  t.equal(registry.load({ key: 'b' }), 'added');
  t.equal(registry.load({ key: 'c' }), 'full');
  t.equal(registry.get('b')?.key, 'b');
  t.equal(registry.get('c'), undefined);
  t.equal(registry.room, 0);
});

test('a visit meets every entry that stays once, whatever comes and goes meanwhile', async (t) => {
  const registry = new Registry<{ key: string }>(10_000);
  for (let number = 0; number < 1_000; number++) {
    registry.add({ key: `stays${number}` });
    registry.add({ key: `goes${number}` });
  }
  const visited: string[] = [];
  for (const { key } of registry.entries()) {
    const number = visited.push(key) - 1;
    if (number >= 1_000) continue;
    registry.delete(`goes${number}`);
    // The shards grow under the visit, and are rehashed.
    for (let more = 0; more < 3; more++) registry.add({ key: `comes${number}-${more}` });
  }
  t.equal(new Set(visited).size, visited.length);
  t.equal(visited.filter((key) => key.startsWith('stays')).length, 1_000);
  const all = [...registry.entries()].map(({ key }) => key);
  t.equal(all.length, 4_000);
  t.equal(new Set(all).size, registry.size);
});
