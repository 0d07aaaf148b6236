import fc from 'fast-check';
import { test } from 'tap';
import { RingBuffer } from '../../dist/engine/ring-buffer.js';
import { holds } from '../property.js';

test('it behaves like an array with a limit, however often it goes round', async (t) => {
  const operation = fc.oneof(fc.constant('push' as const), fc.constant('shift' as const));
  holds(
    t,
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(operation, { maxLength: 200 }), (capacity, operations) => {
      const ring = new RingBuffer<number>(capacity);
      const model: number[] = [];
      for (const [number, operation] of operations.entries()) {
        if (operation === 'shift') {
          if (ring.shift() !== model.shift()) return false;
        } else {
          const fits = model.length < capacity;
          if (fits) model.push(number);
          if (ring.push(number) !== fits) return false;
        }
        if (ring.count !== model.length) return false;
        for (let i = -1; i <= capacity; i++) if (ring.at(i) !== model[i]) return false;
      }
      return true;
    }),
    500,
  );
});

test('every slot can be used, and a full buffer refuses and keeps what it has', async (t) => {
  const ring = new RingBuffer<string>(2);
  t.equal(ring.push('a'), true);
  t.equal(ring.push('b'), true);
  t.equal(ring.push('c'), false);
  t.equal(ring.count, 2);
  t.equal(ring.shift(), 'a');
  t.equal(ring.push('c'), true);
  t.same([ring.at(0), ring.at(1), ring.at(2)], ['b', 'c', undefined]);
});

test('an empty buffer gives nothing', async (t) => {
  const ring = new RingBuffer<string>(1);
  t.equal(ring.shift(), undefined);
  t.equal(ring.at(0), undefined);
  t.equal(ring.count, 0);
});

test('a capacity that is not a positive integer is refused', async (t) => {
  for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => new RingBuffer(capacity), RangeError, `${capacity}`);
  }
});
