/** A field of a record (RFC 4180), and what is behind it. Without nested repetition: it takes linear time. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

const NEEDS_QUOTES = /[",\r\n]/;

/** A field as it is written: between quotes where it has to be. */
export function csvField(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The fields of one record, without its line's end; `undefined` where a quote is out of place. */
export function csvFields(record: string): string[] | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(record);
    if (match === null) return undefined;
    const [, quoted, plain, separator] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (separator === '') return fields;
  }
}
