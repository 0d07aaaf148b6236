import fc from 'fast-check';
import { test } from 'tap';
import { type Expiring, ExpiryHeap, NOT_IN_HEAP } from '../../dist/engine/expiry-heap.js';
import { holds } from '../property.js';

class Entry implements Expiring {
  heapIndex = NOT_IN_HEAP;
  constructor(public expiresMs: number) {}
}

function drained(heap: ExpiryHeap<Entry>): number[] {
  const times: number[] = [];
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    times.push(first.expiresMs);
    heap.remove(first);
  }
  return times;
}

/** The heap as a list that is searched from end to end. */
class Model {
  readonly heap = new ExpiryHeap<Entry>();
  readonly entries: Entry[];
  readonly inHeap = new Set<Entry>();

  constructor(entries: number) {
    this.entries = Array.from({ length: entries }, () => new Entry(0));
  }

  push(number: number, expiresMs: number): void {
    const entry = this.entries[number % this.entries.length] as Entry;
    entry.expiresMs = expiresMs;
    this.heap.push(entry);
    this.inHeap.add(entry);
  }

  remove(number: number): void {
    const entry = this.entries[number % this.entries.length] as Entry;
    this.heap.remove(entry);
    this.inHeap.delete(entry);
  }

  removeFirst(): void {
    const first = this.heap.first();
    if (first === undefined) return;
    this.heap.remove(first);
    this.inHeap.delete(first);
  }

  get sorted(): number[] {
    return [...this.inHeap].map(({ expiresMs }) => expiresMs).sort((a, b) => a - b);
  }

  check(): void {
    const { heap, inHeap } = this;
    if (heap.count !== inHeap.size) throw new Error(`count is ${heap.count}, not ${inHeap.size}`);
    const first = heap.first();
    if (first?.expiresMs !== this.sorted[0]) throw new Error(`the first is ${first?.expiresMs}, not ${this.sorted[0]}`);
    if (first !== undefined && !inHeap.has(first)) throw new Error('the first is not in the heap any more');
    for (const entry of this.entries) {
      if ((entry.heapIndex !== NOT_IN_HEAP) !== inHeap.has(entry)) throw new Error(`an entry is at ${entry.heapIndex}`);
    }
  }
}

test('whatever is pushed, moved and removed, the entry that expires next is the first', async (t) => {
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('push' as const), fc.nat(100), fc.nat(30)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), fc.nat(100)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('removeFirst' as const)) },
  );
  holds(
    t,
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(operation, { minLength: 1, maxLength: 120, size: 'max' }),
      (entries, operations) => {
        const model = new Model(entries);
        for (const [name, ...parameters] of operations) {
          (model[name] as (...parameters: number[]) => void).apply(model, parameters);
          model.check();
        }
        const { sorted } = model;
        const times = drained(model.heap);
        return times.length === sorted.length && times.every((time, i) => time === sorted[i]);
      },
    ),
    1_000,
  );
});

test('an entry that is put off again and again stands in the heap once', async (t) => {
  const heap = new ExpiryHeap<Entry>();
  const often = new Entry(1);
  const other = new Entry(50);
  heap.push(other);
  for (let ms = 1; ms <= 100; ms++) {
    often.expiresMs = ms;
    heap.push(often);
  }
  t.equal(heap.count, 2);
  t.equal(heap.first(), other);
  t.same(drained(heap), [50, 100]);
});

test('an entry that is not in the heap can be removed, and nothing happens', async (t) => {
  const heap = new ExpiryHeap<Entry>();
  const entry = new Entry(1);
  heap.remove(entry);
  heap.push(new Entry(2));
  heap.remove(entry);
  t.equal(heap.count, 1);
  t.equal(entry.heapIndex, NOT_IN_HEAP);
});

test('an empty heap has no first', async (t) => {
  const heap = new ExpiryHeap<Entry>();
  t.equal(heap.first(), undefined);
  t.equal(heap.count, 0);
});
