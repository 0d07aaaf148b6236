import fc from 'fast-check';
import t from 'tap';
import { KeyCache } from '../../../dist/services/counters/key-cache.js';
import { bytes } from '../../http/request.js';

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', 'ba', 'key1', 'key2'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 512 }),
);
const hash = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());

t.test('a text is what its bytes spell, whatever hashes collide and whatever was sought before', async () => {
  const lookUp = fc.tuple(key, hash);
  fc.assert(
    fc.property(fc.array(lookUp, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 50 }), (lookUps, order) => {
      const keys = new KeyCache();
      return order.every((at) => {
        const [key, hash] = lookUps[at % lookUps.length] as [string, number];
        const body = bytes(`<${key}>`);
        const text = keys.text(body, 1, body.length - 1, hash);
        body.fill(0);
        return text === key;
      });
    }),
    { numRuns: 2_000 },
  );
});
