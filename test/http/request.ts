import { ANYONE } from '../../dist/http/caller.js';
import type { Exchange } from '../../dist/http/exchange.js';

export interface Sent {
  /** One character a byte. */
  readonly query?: string;
  readonly body?: Uint8Array;
  readonly type?: string;
  /** Every parameter of the path, one character a byte. */
  readonly parameter?: string;
}

/** What a parser gets to read. It has nothing to reply. */
export function request({ query = '', body = new Uint8Array(0), type = '', parameter = '' }: Sent): Exchange {
  const noReply = () => {
    throw new Error('a parser replied');
  };
  return {
    caller: ANYONE,
    address: '127.0.0.1',
    parameter: () => parameter,
    query,
    body,
    requestId: '',
    header: (name) => (name === 'content-type' ? type : ''),
    receive: noReply,
    reply: noReply,
    replyEmpty: noReply,
    refuse: noReply,
    onAbort: noReply,
    stream: noReply,
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The UTF-8 bytes of a text, one character each. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export const FORM = 'application/x-www-form-urlencoded';
export const JSON_TYPE = 'application/json';
