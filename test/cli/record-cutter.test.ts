import fc from 'fast-check';
import { test } from 'tap';
import { csvField, csvFields } from '../../dist/cli/csv.js';
import { RecordCutter } from '../../dist/cli/record-cutter.js';
import { holds } from '../property.js';

type Cut = [line: number, text: string];

function cut(bytes: Uint8Array, hasQuotes: boolean, pieceBytes: number): Cut[] {
  const cutter = new RecordCutter(hasQuotes);
  const records: Cut[] = [];
  const take = (found: Iterable<{ line: number; bytes: Uint8Array }>) => {
    for (const { line, bytes } of found) records.push([line, Buffer.from(bytes).toString()]);
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) take(cutter.push(bytes.subarray(at, at + pieceBytes)));
  take(cutter.end());
  return records;
}

const text = fc.string({ unit: fc.constantFrom('a', 'é', '🎉', ',', '"', '\n', '\r', ' ') });

test('lines are cut the same wherever the input is cut, and have their numbers', async (t) => {
  holds(
    t,
    fc.property(text, fc.integer({ min: 1, max: 9 }), (text, pieceBytes) => {
      const expected = text.split('\n').map((line, i): Cut => [i + 1, line]);
      return JSON.stringify(cut(Buffer.from(text), false, pieceBytes)) === JSON.stringify(expected);
    }),
    2_000,
  );
});

test('csv that was written is read as it was, wherever it is cut, and each record has the number of its first line', async (t) => {
  const records = fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });
  holds(
    t,
    fc.property(records, fc.integer({ min: 1, max: 9 }), (records, pieceBytes) => {
      const written = records.map((fields) => fields.map(csvField).join(','));
      const found = cut(Buffer.from(written.join('\n')), true, pieceBytes);
      let line = 1;
      return found.every(([at, record], i) => {
        const isRight = at === line && JSON.stringify(csvFields(record)) === JSON.stringify(records[i]);
        line += record.split('\n').length;
        return isRight;
      });
    }),
    2_000,
  );
});

test('a quote out of place is no csv, and takes no longer to be found than to be read', async (t) => {
  for (const record of ['a"b', '"a"b', '"a', '"', 'a,"b', '"a""', 'a,b"']) t.equal(csvFields(record), undefined, record);
  t.equal(csvFields(`"${'""a'.repeat(20_000)}`), undefined);
  t.same(csvFields(''), ['']);
  t.same(csvFields('a,,"",'), ['a', '', '', '']);
});
