import { type Test, test } from 'tap';
import { Refusal } from '../../lib/web/dashboard/api.js';
import { Backoff } from '../../lib/web/dashboard/backoff.js';
import { Follower } from '../../lib/web/dashboard/follower.js';
import { until } from '../condition.js';

interface Opened {
  readonly path: string;
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

/** A follower of streams that a test writes. */
function rig(t: Test, { refuse, silenceMs = 60_000 }: { refuse?: () => Refusal | undefined; silenceMs?: number } = {}) {
  const opened: Opened[] = [];
  const events: string[] = [];
  const changes: unknown[] = [];
  const follower = new Follower({
    async open(path, lastEventId, signal) {
      const refusal = refuse?.();
      if (refusal !== undefined) throw refusal;
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      const stream = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given;
        },
      });
      const open = { path, lastEventId, signal, controller: controller as ReadableStreamDefaultController<Uint8Array> };
      signal.addEventListener('abort', () => {
        // As fetch does. A stream that is over can't be broken.
        try {
          open.controller.error(signal.reason);
        } catch {}
      });
      opened.push(open);
      return stream;
    },
    onEvent: ({ data }) => events.push(data),
    onChange: (error) => changes.push(error),
    // No time to lose.
    backoff: new Backoff(() => -1),
    silenceMs,
  });
  t.teardown(() => follower.stop());
  const send = (index: number, text: string) => opened[index]?.controller.enqueue(new TextEncoder().encode(text));
  const isOpen = (count: number) => until(`${count} streams were opened`, () => opened.length === count);
  return { follower, opened, events, changes, send, isOpen };
}

test('a stream that breaks is resumed after the last event', async (t) => {
  const { follower, opened, events, changes, send, isOpen } = rig(t);
  follower.follow('/events?key=a');
  await isOpen(1);
  t.equal(opened[0]?.lastEventId, undefined);
  send(0, 'id: 7\ndata: one\n\n');
  await until('it is told', () => events.length === 1);
  opened[0]?.controller.close();
  await isOpen(2);
  t.equal(opened[1]?.lastEventId, '7');
  send(1, 'data: two\n\n');
  await until('it is told', () => events.length === 2);
  t.same(events, ['one', 'two']);
  t.match(changes, [undefined, TypeError, undefined]);
});

test('a character that is cut in two is one', async (t) => {
  const { follower, opened, events, isOpen } = rig(t);
  follower.follow('/events?key=a');
  await isOpen(1);
  for (const byte of new TextEncoder().encode('data: über 数\n\n')) opened[0]?.controller.enqueue(Uint8Array.of(byte));
  await until('it is told', () => events.length === 1);
  t.same(events, ['über 数']);
});

test('who follows something else is told nothing of the first any more, and begins without an id', async (t) => {
  const { follower, opened, events, send, isOpen } = rig(t);
  follower.follow('/events?key=a');
  await isOpen(1);
  send(0, 'id: 7\ndata: one\n\n');
  await until('it is told', () => events.length === 1);
  follower.follow('/events?key=b');
  await isOpen(2);
  t.ok(opened[0]?.signal.aborted, 'the connection is closed');
  t.same([opened[1]?.path, opened[1]?.lastEventId], ['/events?key=b', undefined]);
  follower.follow('/events?key=b');
  t.equal(opened.length, 2, 'the same again changes nothing');
});

test('a connection that is silent for too long is given up', async (t) => {
  const { follower, opened, isOpen } = rig(t, { silenceMs: 20 });
  follower.follow('/events?key=a');
  await isOpen(2);
  t.ok(opened[0]?.signal.aborted);
});

test('a refusal that will not pass is final, another is not', async (t) => {
  let refusal: Refusal | undefined = new Refusal(503, 'loading', 'it loads', undefined, 1);
  const { follower, opened, changes, isOpen } = rig(t, { refuse: () => refusal });
  follower.follow('/events?key=a');
  await until('it was refused', () => changes.length > 1);
  refusal = undefined;
  await isOpen(1);
  refusal = new Refusal(403, 'outside-prefix', 'a is not within b', undefined, undefined);
  opened[0]?.controller.close();
  await until('it is told', () => changes.at(-1) === refusal);
  const count = changes.length;
  refusal = undefined;
  follower.follow('/events?key=a');
  await isOpen(2);
  t.equal(changes.length, count + 1, 'not before it was asked to');
});

test('each try waits longer than the one before, and no longer than half a minute', async (t) => {
  const backoff = new Backoff(() => 1);
  t.same(
    Array.from({ length: 8 }, () => backoff.next()),
    [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  );
  t.equal(backoff.next(60_000), 60_000, 'but where the server asks for it');
  backoff.reset();
  t.equal(backoff.next(), 500);
  t.equal(new Backoff(() => 0).next(), 250, 'not all in the same instant');
});
