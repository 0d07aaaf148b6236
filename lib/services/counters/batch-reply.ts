import { type Int64, toJson } from '../../engine/int64.js';
import { JSON_TYPE } from '../../http/exchange.js';

export const NDJSON_TYPE = 'application/x-ndjson';

/** What a batch came to: the values that its counters had after each increment, in its order. */
export interface BatchCounted {
  readonly keys: readonly string[];
  readonly values: readonly Int64[];
  readonly seq: number;
  readonly isDurable: boolean;
}

export type BatchReply = (counted: BatchCounted) => { type: string; body: string };

/** `{"values":[3,7],"seq":17}` */
export const jsonReply: BatchReply = ({ values, seq, isDurable }) => ({
  type: JSON_TYPE,
  body: `{"values":[${listed(values)}],"seq":${seq}${isDurable ? ',"durable":true' : ''}}`,
});

/** A line for each increment, as POST /increment would have replied. */
export const ndjsonReply: BatchReply = ({ keys, values, seq, isDurable }) => {
  const end = `,"seq":${seq}${isDurable ? ',"durable":true' : ''}}\n`;
  return {
    type: NDJSON_TYPE,
    body: keys.map((key, i) => `{"key":${JSON.stringify(key)},"value":${toJson(values[i] as Int64)}${end}`).join(''),
  };
};

/** `{"count":2,"seq":17}` */
export const minimalReply: BatchReply = ({ keys, seq, isDurable }) => ({
  type: JSON_TYPE,
  body: `{"count":${keys.length},"seq":${seq}${isDurable ? ',"durable":true' : ''}}`,
});

/** A join makes the text of a number twice as fast as a template does; only large values need quotes. */
function listed(values: readonly Int64[]): string {
  return values.every((value) => typeof value === 'number') ? values.join(',') : values.map(toJson).join(',');
}
