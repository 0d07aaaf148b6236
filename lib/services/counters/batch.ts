import { JSON_TYPE } from '../../http/exchange.js';
import { FORM, mediaType } from '../../http/parameters.js';
import { Problem } from '../../http/problem.js';
import { FormPairs } from './batch-form.js';
import { JsonArrayReader } from './batch-json.js';
import { NdjsonLines } from './batch-ndjson.js';
import type { BatchReader } from './batch-reader.js';
import { NDJSON_TYPE } from './batch-reply.js';
import type { Keys } from './keys.js';
import { RecordReader } from './record-reader.js';

export type { Batch, BatchReader } from './batch-reader.js';

/** What reads a batch of that type. A body without a content type is taken for a form, as everywhere. */
export function batchReaderFor(contentType: string, keys: Keys): BatchReader | Problem {
  switch (mediaType(contentType)) {
    case NDJSON_TYPE:
      return new RecordReader(new NdjsonLines(keys));
    case JSON_TYPE:
      return new JsonArrayReader(keys);
    case FORM:
    case '':
      return new RecordReader(new FormPairs(keys));
    default:
      return new Problem('unsupported-media-type', `send ${NDJSON_TYPE}, ${JSON_TYPE} or ${FORM}, not ${contentType}`);
  }
}
