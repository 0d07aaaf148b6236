import fc from 'fast-check';
import { test } from 'tap';
import { formatEvent } from '../../dist/http/event-stream.js';
import { EventParser } from '../../lib/web/dashboard/event-parser.js';
import { holds } from '../property.js';

const RUNS = 300;

test('events are the same however the stream is cut', async (t) => {
  const event = fc.record({
    event: fc.constantFrom('counter', 'reset'),
    id: fc.option(fc.nat().map(String), { nil: undefined }),
    data: fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\r\n?/g, '\n')),
  });
  holds(
    t,
    fc.property(fc.array(event), fc.array(fc.nat({ max: 12 })), fc.constantFrom('\n', '\r\n'), (events, cuts, end) => {
      const parser = new EventParser();
      let rest = `:\n\n${events.map(formatEvent).join(':\n\n')}`.replaceAll('\n', end);
      const got = cuts.flatMap((length) => {
        const piece = rest.slice(0, length);
        rest = rest.slice(length);
        return parser.push(piece);
      });
      got.push(...parser.push(rest));
      const expected = events.map(({ event: type, data }) => ({ type, data }));
      const lastId = events.findLast(({ id }) => id !== undefined)?.id;
      return JSON.stringify(got) === JSON.stringify(expected) && parser.lastEventId === lastId;
    }),
    RUNS,
  );
});

test('an id without data counts, one with a NUL does not', async (t) => {
  const parser = new EventParser();
  t.same(parser.push('id: 17\n\n'), []);
  t.equal(parser.lastEventId, '17');
  t.same(parser.push('id: a\0b\ndata: x\n\n'), [{ type: 'message', data: 'x' }]);
  t.equal(parser.lastEventId, '17');
});

test('an event that breaks off is not given, and its id does not count', async (t) => {
  const parser = new EventParser();
  t.same(parser.push('\ufeffevent: counter\nid: 5\ndata: {}\n'), []);
  t.equal(parser.lastEventId, undefined);
  t.same(parser.push('\n'), [{ type: 'counter', data: '{}' }]);
  t.equal(parser.lastEventId, '5');
});

test('a stream that ends no event is given up', async (t) => {
  const parser = new EventParser();
  const endless = () => {
    for (;;) parser.push(`data: ${'x'.repeat(10_000)}\n`);
  };
  t.throws(endless, RangeError);
});
