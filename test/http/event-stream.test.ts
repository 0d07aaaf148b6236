import fc from 'fast-check';
import t from 'tap';
import { formatEvent, HEARTBEAT, type ServerSentEvent } from '../../dist/http/event-stream.js';

interface Dispatched {
  readonly type: string;
  readonly lastEventId: string;
  readonly data: string;
}

const line = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(' ', ':', ': x', 'data: y', '\ufeff', 'é'))
  .map((text) => text.replaceAll(/[\r\n\0]/g, '').toWellFormed());
const text = fc
  .array(fc.oneof(line, fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\0')), { maxLength: 10 })
  .map((pieces) => pieces.join(''));
const event = fc.record(
  { event: line.filter((name) => name !== ''), id: line, data: text },
  { requiredKeys: ['data'] },
) satisfies fc.Arbitrary<ServerSentEvent>;

t.test('a client gets any events as they were, comments between them or not', async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), fc.boolean(), (events, commented) => {
      let lastEventId = '';
      const expected = events.map(({ event, id, data }) => {
        lastEventId = id ?? lastEventId;
        return { type: event ?? 'message', lastEventId, data: data.replaceAll(/\r\n?/g, '\n') };
      });
      const sent = [HEARTBEAT, ...events.map(formatEvent)].join(commented ? HEARTBEAT : '');
      return JSON.stringify(dispatched(sent)) === JSON.stringify(expected);
    }),
    { numRuns: 3_000 },
  );
});

t.test('an event is lines of text', async (t) => {
  t.equal(formatEvent({ data: '{"a":1}' }), 'data: {"a":1}\n\n');
  t.equal(formatEvent({ event: 'change', id: '17', data: 'a\nb' }), 'event: change\nid: 17\ndata: a\ndata: b\n\n');
  t.equal(formatEvent({ data: '' }), 'data: \n\n');
  t.equal(formatEvent({ id: '', data: 'a\r\n\rb\n' }), 'id: \ndata: a\ndata: \ndata: b\ndata: \n\n');
});

t.test('an event or id that would be taken for something else is a mistake', async (t) => {
  for (const bad of ['a\nb', 'a\rb', '\n', 'a\r\ndata: x']) {
    t.throws(() => formatEvent({ event: bad, data: '' }), TypeError);
    t.throws(() => formatEvent({ id: bad, data: '' }), TypeError);
  }
  t.throws(() => formatEvent({ id: 'a\0b', data: '' }), TypeError);
});

/** What a client makes of a stream: WHATWG HTML, section 9.2.6, step by step. */
function dispatched(stream: string): Dispatched[] {
  const events: Dispatched[] = [];
  let [type, data, lastEventId] = ['', '', ''];
  const lines = stream.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  // What follows the last line end is no line.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data !== '') events.push({ type: type || 'message', lastEventId, data: data.replace(/\n$/, '') });
      [type, data] = ['', ''];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') type = value;
    else if (field === 'data') data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
  }
  return events;
}
