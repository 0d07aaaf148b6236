import { type Int64, toJson } from '../../engine/int64.js';
import { acceptsAll, prefersText } from '../../http/accept.js';
import { type Exchange, JSON_TYPE, TEXT_TYPE } from '../../http/exchange.js';
import { ReplyBuffer, toBytes } from '../../http/reply-buffer.js';
import type { Durability } from '../../writes/durability.js';
import type { Counted } from './counter-table.js';

const KEY = toBytes('{"key":');
const VALUE = toBytes(',"value":');
const SEQ = toBytes(',"seq":');
const END = toBytes('}');
const DURABLE_END = toBytes(',"durable":true}');

const buffer = new ReplyBuffer();

type More = Readonly<Record<string, Int64 | undefined>>;

const NO_MORE: More = {};

export interface Reply {
  readonly type: string;
  readonly body: string;
}

/** Replies to a write: `{"key":"abcdef","value":42,"seq":17}`, on disk with `"durable":true`; or the bare value. */
export function replyCounted(exchange: Exchange, counted: Counted, durability: Durability): void {
  if (acceptsAll(exchange) && putTogether(counted, durability)) exchange.reply(200, JSON_TYPE, buffer.view());
  else {
    const { type, body } = countedReply(exchange, counted, durability);
    exchange.reply(200, type, body);
  }
}

/**
 * The same as a text that can be kept.
 *
 * @param more further members, which stand behind the value; those that are `undefined` are left out.
 */
export function countedReply(exchange: Exchange, counted: Counted, durability: Durability, more: More = NO_MORE): Reply {
  const { key, value, seq } = counted;
  if (prefersText(exchange)) return { type: TEXT_TYPE, body: `${value}\n` };
  if (more === NO_MORE && putTogether(counted, durability)) return { type: JSON_TYPE, body: buffer.text() };
  const durable = durability === 'disk' ? ',"durable":true' : '';
  const members = Object.entries(more)
    .map(([name, member]) => (member === undefined ? '' : `,"${name}":${toJson(member)}`))
    .join('');
  return { type: JSON_TYPE, body: `{"key":${JSON.stringify(key)},"value":${toJson(value)}${members},"seq":${seq}${durable}}` };
}

/** Leaves in the buffer what almost every increment is replied. Returns false where that is not enough. */
function putTogether({ key, value, seq }: Counted, durability: Durability): boolean {
  if (typeof value !== 'number' || !buffer.clear().bytes(KEY).json(key)) return false;
  buffer.bytes(VALUE).integer(value).bytes(SEQ).integer(seq);
  buffer.bytes(durability === 'disk' ? DURABLE_END : END);
  return true;
}
