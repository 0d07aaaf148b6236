/**
 * One event of a stream of server-sent events.
 *
 * @typedef {object} ServerSentEvent
 * @property {string} type `message` where the server named none.
 * @property {string} data
 */

/** So much of one event, in characters, and no more: a stream that never ends its lines must not fill the memory. */
const LENGTH_MAX = 1024 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from text that comes in pieces, however it
 * is cut.
 */
export class EventParser {
  /** What the server is to be sent as Last-Event-ID; `undefined` before it gave one. */
  lastEventId = /** @type {string | undefined} */ (undefined);
  #rest = '';
  #isFirst = true;
  #type = '';
  #data = /** @type {string[]} */ ([]);
  #length = 0;
  #id = /** @type {string | undefined} */ (undefined);

  /**
   * Takes the next piece, and gives the events that are whole with it.
   *
   * @param {string} piece
   * @returns {ServerSentEvent[]}
   * @throws {RangeError} for an event that is too long.
   */
  push(piece) {
    let text = this.#rest + piece;
    if (this.#isFirst && text !== '') {
      this.#isFirst = false;
      if (text.startsWith('\ufeff')) text = text.slice(1);
    }
    /** @type {ServerSentEvent[]} */
    const events = [];
    let start = 0;
    for (;;) {
      LINE_END.lastIndex = start;
      const end = LINE_END.exec(text);
      // A CR at the end may be half of a CR LF.
      if (end === null || (end[0] === '\r' && LINE_END.lastIndex === text.length)) break;
      this.#line(text.slice(start, end.index), events);
      start = LINE_END.lastIndex;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length + this.#length > LENGTH_MAX) throw new RangeError(`an event is longer than ${LENGTH_MAX} characters`);
    return events;
  }

  /**
   * @param {string} line
   * @param {ServerSentEvent[]} events
   */
  #line(line, events) {
    if (line === '') return this.#end(events);
    const colon = line.indexOf(':');
    // A comment.
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'data') {
      this.#data.push(value);
      this.#length += value.length;
    }
  }

  /** @param {ServerSentEvent[]} events */
  #end(events) {
    // An id counts without data, too: it says that everything up to it was told.
    if (this.#id !== undefined) this.lastEventId = this.#id;
    if (this.#data.length > 0) events.push({ type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n') });
    this.#type = '';
    this.#data = [];
    this.#length = 0;
  }
}

const LINE_END = /\r\n|\r|\n/g;
