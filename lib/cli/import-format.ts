import { type Parameters, readJsonPart } from '../http/parameters.js';
import { Problem } from '../http/problem.js';
import { IMPORT_PARAMETERS } from '../services/counters/import-item.js';
import { behindBlanks } from '../services/counters/plain-scanner.js';
import { csvFields } from './csv.js';

/** Reads records one after the other. */
export interface ImportFormat {
  /** Whether a line feed between quotes is a part of the record. */
  readonly hasQuotes: boolean;
  /** The values of IMPORT_PARAMETERS in a record, or what is wrong with it; `undefined` for one that is no item. */
  read(record: Uint8Array): Parameters | Problem | undefined;
}

/** One JSON object a line. Lines of blanks are no items. */
export class NdjsonFormat implements ImportFormat {
  readonly hasQuotes = false;

  read(record: Uint8Array): Parameters | Problem | undefined {
    if (behindBlanks(record, 0) === record.length) return undefined;
    const parameters = readJsonPart(record, IMPORT_PARAMETERS, 'it');
    if (!(parameters instanceof Problem) || parameters.code !== 'unknown-parameter') return parameters;
    return new Problem('unknown-parameter', `it has a name that is not one of ${IMPORT_PARAMETERS.join(', ')}`);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Some programs begin a file with it. */
const BYTE_ORDER_MARK = '\ufeff';

/** RFC 4180, with the names of the columns in the first line. Empty lines are no items. */
export class CsvFormat implements ImportFormat {
  readonly hasQuotes = true;
  /** Which field has each of the parameters; -1 where none has. */
  #places: readonly number[] | undefined;
  #width = 0;

  read(record: Uint8Array): Parameters | Problem | undefined {
    const text = decode(record);
    if (text === undefined) return new Problem('malformed-body', 'it is not UTF-8');
    const isFirst = this.#places === undefined && text.startsWith(BYTE_ORDER_MARK);
    const line = text.slice(isFirst ? 1 : 0, text.endsWith('\r') ? -1 : text.length);
    if (line === '') return undefined;
    const fields = csvFields(line);
    if (fields === undefined) return new Problem('malformed-body', 'a quote is out of place, or not closed');
    return this.#places === undefined ? this.#readHeader(fields) : this.#readFields(fields, this.#places);
  }

  #readHeader(names: readonly string[]): Problem | undefined {
    const known = IMPORT_PARAMETERS.join(', ');
    for (const [i, name] of names.entries()) {
      if (!IMPORT_PARAMETERS.includes(name)) {
        return new Problem('unknown-parameter', `${JSON.stringify(name)} is no column; those are ${known}`);
      }
      if (names.indexOf(name) !== i) return new Problem('duplicate-parameter', `the column ${name} is there more than once`);
    }
    const missing = ['key', 'value'].find((name) => !names.includes(name));
    if (missing !== undefined) return new Problem('missing-parameter', `the column ${missing} is missing`);
    this.#places = IMPORT_PARAMETERS.map((name) => names.indexOf(name));
    this.#width = names.length;
    return undefined;
  }

  #readFields(fields: readonly string[], [key = -1, value = -1, expires = -1]: readonly number[]): Parameters | Problem {
    if (fields.length !== this.#width) {
      return new Problem('malformed-body', `it has ${fields.length} fields, and the first line ${this.#width}`);
    }
    // A counter without an end has an empty field there.
    return [fields[key], fields[value], fields[expires] || undefined];
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
