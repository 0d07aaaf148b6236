import fc from 'fast-check';
import { test } from 'tap';
import { hashOf, withCode } from '../../../dist/engine/key-hash.js';
import { Recent } from '../../../dist/engine/recent.js';
import { Registry } from '../../../dist/engine/registry.js';
import { Keys } from '../../../dist/services/counters/keys.js';
import { bytes } from '../../http/request.js';
import { holds } from '../../property.js';

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', 'ba', 'key1', 'key2'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 512 }),
);

function text(keys: Keys, key: string): string {
  const body = bytes(`<${key}>`);
  let hash = 0;
  for (const byte of body.subarray(1, -1)) hash = withCode(hash, byte);
  const text = keys.text(body, 1, body.length - 1, hash);
  body.fill(0);
  return text;
}

test('a text is what its bytes spell, whatever was looked up before', async (t) => {
  holds(
    t,
    fc.property(fc.array(key, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 50 }), (all, order) => {
      const registry = new Registry<{ key: string }>(100);
      const keys = new Keys(registry);
      return order.every((at) => {
        const key = all[at % all.length] as string;
        const isRight = text(keys, key) === key;
        if (at % 3 === 0 && registry.get(key) === undefined) registry.add({ key });
        if (at % 5 === 0) registry.delete(key);
        return isRight;
      });
    }),
    2_000,
  );
});

test('a counter that was looked up lately gives its own string', async (t) => {
  const asked: string[] = [];
  const known = {
    spelled(bytes: Uint8Array, start: number, end: number, hash: number) {
      asked.push(Buffer.from(bytes.subarray(start, end)).toString());
      return hash === hashOf('abc') ? { key: 'its own' } : undefined;
    },
  };
  t.equal(text(new Keys(known), 'abc'), 'its own');
  t.equal(text(new Keys(known), 'abd'), 'abd');
  t.same(asked, ['abc', 'abd']);
});

test('what is looked up is the last of its slot, and no other of the same hash', async (t) => {
  holds(
    t,
    fc.property(fc.array(fc.tuple(key, fc.constantFrom(0, 16_384, 1, -1)), { minLength: 1, maxLength: 20 }), (lookUps) => {
      const recent = new Recent<{ key: string }>();
      const slots = new Map<number, { entry: { key: string }; hash: number }>();
      return lookUps.every(([key, hash]) => {
        const held = slots.get(hash & 16_383);
        const expected = held?.hash === hash && held.entry.key === key ? held.entry : undefined;
        const isRight =
          recent.get(key, hash) === expected && recent.spelled(bytes(`<${key}>`), 1, key.length + 1, hash) === expected;
        const entry = { key };
        recent.put(entry, hash);
        slots.set(hash & 16_383, { entry, hash });
        return isRight;
      });
    }),
    1_000,
  );
});
