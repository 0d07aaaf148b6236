import { type Int64, toJson } from '../../engine/int64.js';
import { formatEvent } from '../../http/event-stream.js';

/**
 * A `counter` event: its value, `null` when it is deleted, as of a write.
 *
 * @param id whether a client that comes back after this event knows everything up to that write.
 *   Several counters can change in one, and a client that was told of some must not say that it
 *   was told of all.
 */
export function counterEvent(key: string, value: Int64 | undefined, seq: number, id: boolean): string {
  const data = `{"key":${JSON.stringify(key)},"value":${value === undefined ? 'null' : toJson(value)},"seq":${seq}}`;
  return formatEvent({ event: 'counter', id: id ? `${seq}` : undefined, data });
}

/** Says that what the client knows may be wrong: a list of everything that it follows comes next. */
export function resetEvent(seq: number): string {
  return formatEvent({ event: 'reset', data: `{"seq":${seq}}` });
}

/** No event, but it has the client remember that it was told of everything up to that write. */
export function mark(seq: number): string {
  return `id: ${seq}\n\n`;
}
